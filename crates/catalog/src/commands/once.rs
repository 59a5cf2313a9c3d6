//! A command as one transaction that happens once per idempotency key: begin, claim, write, commit.
//!
//! A refusal rolls back, so that the key stays free. What the database loses or lets collide is run again with the same
//! ids: a key found with the id that this request minted is its own success.

use std::time::Duration;

use kernel::{Refusal, Timestamp};
use platform::db::{DbError, Locking, Trouble, Tx};
use platform::grpc::layers::deadline;
use platform::idempotency::{self, Claim, Claimed};
use uuid::Uuid;

use crate::Deps;

const RUNS_MAX: u32 = 3;
const PAUSE: Duration = Duration::from_millis(10);
/// The longest wait for a twin of the request that is running elsewhere.
const PATIENCE_MAX: Duration = Duration::from_secs(2);

/// What one transaction does.
pub trait Write: Send + Sync {
    /// The claim of the caller's key.
    fn claim(&self) -> &Claim;

    /// Does it, under a fresh claim. Nothing is to be undone: a refusal rolls back.
    fn write(&self, tx: &Tx, now: Timestamp) -> impl Future<Output = Result<(), Stopped>> + Send;
}

/// Why a transaction did not come to its end.
#[derive(Debug)]
pub enum Stopped {
    /// The command is refused.
    Refused(Box<Refusal>),
    /// The database is in the way.
    Database(DbError),
}

impl From<Refusal> for Stopped {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<DbError> for Stopped {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}

/// A command that happened, now or under the same key before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Written {
    /// The id that the request that did it minted.
    pub resource_id: Uuid,
    /// Its time.
    pub time: Timestamp,
    /// True when it was another request with this key, before.
    pub replayed: bool,
}

/// Runs a command.
///
/// # Errors
/// The command's own refusal, or what becomes of a [`DbError`] that stayed.
pub async fn once(deps: &Deps, write: &impl Write) -> Result<Written, Refusal> {
    let mut run = 1;
    loop {
        match attempt(deps, write).await {
            Ok(written) => return Ok(written),
            Err(Stopped::Refused(refusal)) => return Err(*refusal),
            Err(Stopped::Database(error)) => match error.trouble() {
                Trouble::Conflict | Trouble::Lost if run < RUNS_MAX => tokio::time::sleep(PAUSE * run).await,
                Trouble::StalePlan if run < RUNS_MAX => deps.database.forget_plans(),
                _ => return Err(error.into()),
            },
        }
        run += 1;
    }
}

async fn attempt(deps: &Deps, write: &impl Write) -> Result<Written, Stopped> {
    let now = deps.clock.now();
    // Not a lane: nobody waits behind this transaction, so it may wait longer for a lock.
    let tx = Tx::new(deps.database.write().await?, Locking::WaitLong);
    tx.begin().await?;
    let claim = write.claim();
    let (earlier, replayed) = match claimed(&tx, now, claim).await? {
        Claimed::Fresh => {
            return match write.write(&tx, now).await {
                Ok(()) => {
                    tx.commit().await?;
                    Ok(Written { resource_id: claim.resource_id, time: now, replayed: false })
                }
                Err(Stopped::Refused(refusal)) => {
                    tx.rollback().await;
                    Err(Stopped::Refused(refusal))
                }
                Err(stopped) => Err(stopped),
            };
        }
        Claimed::Mine(earlier) => (earlier, false),
        Claimed::Repeated(earlier) => (earlier, true),
        Claimed::Reused(refusal) => {
            tx.rollback().await;
            return Err(refusal.into());
        }
        Claimed::Busy => return Err(idempotency::in_progress().into()),
    };
    tx.rollback().await;
    Ok(Written { resource_id: earlier.resource_id, time: earlier.first_time, replayed })
}

/// Claims the key, and waits a bounded time for a twin that is claiming it right now.
async fn claimed(tx: &Tx, now: Timestamp, claim: &Claim) -> Result<Claimed, DbError> {
    let patience =
        deadline::current().map_or(PATIENCE_MAX, |deadline| PATIENCE_MAX.min(deadline.remaining() / 2));
    match tokio::time::timeout(patience, idempotency::claim(tx, now, &[claim])).await {
        Err(_) => Ok(Claimed::Busy),
        Ok(Err(error)) if error.trouble() == Trouble::Locked => Ok(Claimed::Busy),
        Ok(claimed) => claimed?.pop().ok_or(DbError::Changed("an idempotency key")),
    }
}
