//! What other contexts call inside their own transaction. All of it works on slices.

use std::collections::HashSet;

use kernel::id::PaymentId;
use kernel::{Id, MerchantId, Money, OrderId, Timestamp};
use platform::db::{DbError, Tx};
use platform::sql::Sql;

use crate::domain::payment::State;
use crate::store::of_orders;

/// A payment to be opened with its order.
#[derive(Clone, Debug)]
pub struct NewPayment {
    /// Its id, minted beside the order's.
    pub payment_id: PaymentId,
    /// The merchant that is paid.
    pub merchant_id: MerchantId,
    /// The order it pays.
    pub order_id: OrderId,
    /// What is to be paid; more than nothing.
    pub amount: Money,
    /// The provider that will move the money.
    pub provider: String,
}

/// Opens payments in state PENDING.
///
/// # Errors
/// As [`Tx::write`].
pub async fn open_pending(tx: &Tx, now: Timestamp, payments: &[NewPayment]) -> Result<(), DbError> {
    of_orders::insert(tx, now, payments).await
}

/// Those of `orders` whose money is on its way: an operation of theirs has no known outcome. A plain read, to be made in
/// a statement after the orders are locked.
///
/// # Errors
/// As [`Tx::query`].
pub async fn in_flight(
    tx: &Tx,
    orders: &[(MerchantId, OrderId)],
) -> Result<HashSet<(MerchantId, OrderId)>, DbError> {
    if orders.is_empty() {
        return Ok(HashSet::new());
    }
    let rows = of_orders::in_flight(tx, orders).await?;
    let order = |row: &tokio_postgres::Row| {
        (Id::from_uuid(row.get("merchant_id")), Id::from_uuid(row.get("order_id")))
    };
    Ok(rows.iter().map(order).collect())
}

/// A payment that is locked by this transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenPayment {
    /// The payment.
    pub payment_id: PaymentId,
    /// The merchant that is paid.
    pub merchant_id: MerchantId,
    /// The order it pays.
    pub order_id: OrderId,
    /// Where it stands.
    pub state: State,
    /// Minor units captured.
    pub captured: i64,
    /// The guard of its next update.
    pub seq: i32,
    /// True when it is locked elsewhere and was left out ([`platform::db::Locking::Skip`] only): its order's command is
    /// busy, and the other fields may be out of date.
    pub busy: bool,
}

/// Locks all payments of orders.
///
/// # Errors
/// As [`Tx::lock`].
pub async fn lock_of_orders(tx: &Tx, orders: &[(MerchantId, OrderId)]) -> Result<Vec<OpenPayment>, DbError> {
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    of_orders::lock(tx, orders).await
}

/// How a payment ends without money.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Closing {
    /// Its order was cancelled.
    Voided,
    /// Its order expired.
    Expired,
}

/// Closes those of `payments` of which nothing was taken (unpaid states); the others stay as they
/// are. They were locked by [`lock_of_orders`], and none of their orders has money in flight.
///
/// # Errors
/// As [`Tx::write`]; a payment that is being captured is an error.
pub async fn close_unpaid(
    tx: &Tx,
    now: Timestamp,
    payments: &[OpenPayment],
    closing: Closing,
) -> Result<(), DbError> {
    let unpaid: Vec<&OpenPayment> = payments
        .iter()
        .filter(|payment| payment.state.is_unpaid() && payment.captured == 0 && !payment.busy)
        .collect();
    let state = match closing {
        Closing::Voided => State::Voided,
        Closing::Expired => State::Expired,
    };
    of_orders::close(tx, now, &unpaid, state).await
}

/// The statements of this module, to be prepared by whoever uses it.
#[must_use]
pub fn statements() -> Vec<&'static Sql> {
    of_orders::STATEMENTS.to_vec()
}
