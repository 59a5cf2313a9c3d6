//! Group commit: every hot write waits in a lane, and a lane runs whatever is waiting as one transaction.
//!
//! There is no timer, so an idle system adds no delay; a busy one shares the commit. A command kind implements [`Kind`]
//! and is started once per process with [`GroupCommit::start`]. Callers hand over a validated command and wait for its own
//! outcome. The lane owns the transaction, never the caller: a client that hangs up cannot tear it.
//!
//! What must never be: a command answered before COMMIT's own reply; two commands of one key in one batch; a statement
//! with two source rows for one target (that is the fold of each kind).

use std::future::Future;
use std::sync::Arc;

use kernel::{MerchantId, Refusal, Timestamp};
use tokio::time::Instant;

use crate::db::{DbError, Tx};
use crate::idempotency::Claim;
use crate::sql::Sql;

mod batch;
mod lane;
mod queue;
mod submit;

pub use submit::{GroupCommit, Permit};

/// A kind of command, and how a batch of it is run.
pub trait Kind: Send + Sync + 'static {
    /// Name of the kind, for spans and metrics, for example `place_order`.
    const NAME: &'static str;
    /// A validated command.
    type Command: Command;
    /// What an accepted command answers.
    type Value: Clone + Send + Sync + 'static;

    /// The statements of [`Kind::run`], prepared ahead so that a pipeline is never broken up.
    fn statements(&self) -> Vec<&'static Sql>;

    /// True when a refusal is written down under its key (money): such a batch commits even if nothing was done.
    fn stores_refusals(&self) -> bool {
        false
    }

    /// Runs a batch inside one transaction, up to but without COMMIT, and tells a verdict for each command in the order
    /// given. No two commands of the batch have the same key. It may run again with the same commands after a failure, also
    /// after a COMMIT whose reply was lost, so ids are minted in the commands and effects without a key are guarded.
    fn run(
        &self,
        tx: &Tx,
        now: Timestamp,
        batch: &[Arc<Self::Command>],
    ) -> impl Future<Output = Result<Vec<Verdict<Self::Value>>, DbError>> + Send;
}

/// What a lane must know of a command.
pub trait Command: Send + Sync + 'static {
    /// The merchant: it chooses the lane, so that orders for the same SKU meet in one batch.
    fn merchant(&self) -> MerchantId;
    /// The claim of its idempotency key; none for what the system does by itself.
    fn claim(&self) -> Option<&Claim>;
    /// Its weight in order lines.
    fn lines(&self) -> usize;
    /// Its size in memory, roughly, in bytes.
    fn bytes(&self) -> usize {
        256 + 256 * self.lines()
    }
}

/// What became of one command of a batch.
#[derive(Clone, Debug)]
pub enum Verdict<V> {
    /// Done now: the transaction commits.
    Done(V),
    /// Done by an earlier run of this very command, whose COMMIT went through unheard: answered as done now, but no reason to
    /// commit again. A batch that commits for nothing else is rolled back, so that nothing half-claimed stays behind.
    DoneBefore(V),
    /// Its key was used before; this is what it stands for.
    Replayed(V),
    /// Refused; nothing of it was written (or, for money, its refusal was).
    Refused(Refusal),
    /// A row or key it needs is locked elsewhere: it is tried again in the slow lane.
    Busy,
}

/// What a caller is answered.
pub type Reply<V> = Result<Done<V>, Refusal>;

/// An accepted command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Done<V> {
    /// What it answers.
    pub value: V,
    /// True when it was done before, under the same key.
    pub replayed: bool,
}

/// Bounds of a group commit. Measured on two cores: one lane does as well as two.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Ordinary lanes; a merchant always uses the same one.
    pub lanes: usize,
    /// Most commands in one batch.
    pub batch_commands: usize,
    /// Most lines in one batch at the start; adapted to [`Limits::target`].
    pub batch_lines: usize,
    /// A command with more lines than this runs alone, in a lane of its own.
    pub heavy_lines: usize,
    /// The time a batch should take.
    pub target: std::time::Duration,
    /// Most lines waiting in all lanes together.
    pub queued_lines: usize,
    /// Most bytes waiting in all lanes together.
    pub queued_bytes: usize,
    /// Most permits handed out by [`GroupCommit::reserve`].
    pub permits: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            lanes: 1,
            batch_commands: 128,
            batch_lines: 512,
            heavy_lines: 512,
            target: std::time::Duration::from_millis(8),
            queued_lines: 100_000,
            queued_bytes: 64 << 20,
            permits: 4_096,
        }
    }
}

/// Until when a caller waits; `None` for what has no caller and is never dropped.
pub type Deadline = Option<Instant>;
