//! What payments ask of orders, on batches and inside the transaction that moves the money. The order context
//! implements it; this context knows order ids and never order tables.

use futures::future::BoxFuture;
use kernel::id::OperationId;
use kernel::refusal::ShortLine;
use kernel::{MerchantId, OrderId, Timestamp};
use platform::db::{DbError, Tx};
use platform::sql::Sql;

/// The orders that payments belong to.
pub trait Orders: Send + Sync + 'static {
    /// Locks orders, before the first payment row is locked, and tells where each stands, in the order given. No order is
    /// given twice.
    fn lock<'a>(
        &'a self,
        tx: &'a Tx,
        orders: &'a [(MerchantId, OrderId)],
    ) -> BoxFuture<'a, Result<Vec<Standing>, DbError>>;

    /// Pins the holds of orders whose capture begins, after payments and operations are locked: what was reclaimed is
    /// reserved again, or the order is short and nothing of it is pinned. In the order given; no order is given twice.
    fn pin<'a>(
        &'a self,
        tx: &'a Tx,
        now: Timestamp,
        orders: &'a [(MerchantId, OrderId)],
    ) -> BoxFuture<'a, Result<Vec<Pinned>, DbError>>;

    /// Tells what came of captures, after the payment rows are written: an order that is covered is confirmed, the holds of
    /// one whose attempt failed are unpinned. No order is given twice.
    fn settled<'a>(
        &'a self,
        tx: &'a Tx,
        now: Timestamp,
        settled: &'a [Settled],
    ) -> BoxFuture<'a, Result<(), DbError>>;

    /// The statements of all three, to be prepared ahead.
    fn statements(&self) -> Vec<&'static Sql>;
}

/// Whether money may still be taken for an order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It waits for its money.
    Open,
    /// It does not; its state says why.
    Closed {
        /// The order's state, for example `CANCELLED`.
        state: &'static str,
    },
    /// The merchant has no such order.
    Missing,
    /// It is locked elsewhere, and the transaction skips what is locked.
    Busy,
}

/// What became of an order's holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Pinned {
    /// All of its stock is held and stays held while the money moves.
    Held,
    /// Some of it was sold to somebody else meanwhile.
    Short(Vec<ShortLine>),
    /// A row it needs is locked elsewhere, and the transaction skips what is locked.
    Busy,
}

/// What came of the captures of one order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settled {
    /// The tenant.
    pub merchant_id: MerchantId,
    /// The order.
    pub order_id: OrderId,
    /// The operation that decided it, the cause of the transition.
    pub operation_id: OperationId,
    /// Minor units newly captured; 0 when the attempt failed.
    pub captured: i64,
    /// Who asked for the capture.
    pub actor: String,
}
