//! Payment rows of captures and outcomes.

use std::collections::BTreeMap;

use kernel::id::PaymentId;
use kernel::{Currency, Id, MerchantId, OrderId, Timestamp};
use platform::db::{DbError, LockClass, Locking, Tx};
use platform::sql;
use platform::sql::Sql;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::domain::payment::State;
use crate::domain::tally::Tally;

const ORDERS: Sql = sql!("payment_orders");
const LOCK: Sql = sql!("lock_payments");
const LOCK_FREE: Sql = sql!("lock_payments", " SKIP LOCKED");
const UPDATE: Sql = sql!("update_payments");

pub(crate) const STATEMENTS: [&Sql; 4] = [&ORDERS, &LOCK, &LOCK_FREE, &UPDATE];

/// A payment as a command names it; sorts as the primary key does.
pub(crate) type PaymentKey = (PaymentId, MerchantId);

fn arrays<'a>(payments: impl Iterator<Item = &'a PaymentKey>) -> (Vec<Uuid>, Vec<Uuid>) {
    payments.map(|(payment, merchant)| (payment.uuid(), merchant.uuid())).unzip()
}

/// The orders of those payments that the merchant has.
pub(crate) async fn orders(
    tx: &Tx,
    payments: &[PaymentKey],
) -> Result<BTreeMap<PaymentKey, OrderId>, DbError> {
    let (ids, merchants) = arrays(payments.iter());
    let rows = tx.query(&ORDERS, &[&ids, &merchants]).await?;
    Ok(rows.iter().map(|row| (key_of(row), Id::from_uuid(row.get("order_id")))).collect())
}

/// Locks payments. Those locked elsewhere are missing when the transaction skips what is locked.
pub(crate) async fn lock(tx: &Tx, payments: &[PaymentKey]) -> Result<BTreeMap<PaymentKey, Tally>, DbError> {
    if payments.is_empty() {
        return Ok(BTreeMap::new());
    }
    let (ids, merchants) = arrays(payments.iter());
    let sql = if tx.locking() == Locking::Skip { &LOCK_FREE } else { &LOCK };
    let rows = tx.lock(LockClass::Payments, sql, &[&ids, &merchants]).await?;
    Ok(rows.iter().map(|row| (key_of(row), tally(row))).collect())
}

fn key_of(row: &Row) -> PaymentKey {
    (Id::from_uuid(row.get("id")), Id::from_uuid(row.get("merchant_id")))
}

fn tally(row: &Row) -> Tally {
    let (payment_id, merchant_id) = key_of(row);
    Tally {
        payment_id,
        merchant_id,
        order_id: Id::from_uuid(row.get("order_id")),
        state: State::parse(row.get("state")).expect("the table's CHECK lists the states of the domain"),
        currency: Currency::parse(row.get("currency")).expect("only ISO 4217 codes are written"),
        amount: row.get("amount"),
        limit: row.get("limit_minor"),
        capture_pending: row.get("capture_pending"),
        captured: row.get("captured"),
        voided: row.get("voided"),
        refund_pending: row.get("refund_pending"),
        refunded: row.get("refunded"),
        excess: row.get("excess_minor"),
        provider: row.get("provider"),
        seq: row.get("seq"),
        created_time: row.get("created_time"),
        changed: false,
    }
}

/// Writes what the fold has changed.
pub(crate) async fn update(tx: &Tx, now: Timestamp, payments: &[&Tally]) -> Result<(), DbError> {
    let ids: Vec<Uuid> = payments.iter().map(|payment| payment.payment_id.uuid()).collect();
    let merchants: Vec<Uuid> = payments.iter().map(|payment| payment.merchant_id.uuid()).collect();
    let seqs: Vec<i32> = payments.iter().map(|payment| payment.seq).collect();
    let states: Vec<&str> = payments.iter().map(|payment| payment.state.as_str()).collect();
    let pending: Vec<i64> = payments.iter().map(|payment| payment.capture_pending).collect();
    let captured: Vec<i64> = payments.iter().map(|payment| payment.captured).collect();
    let refunds: Vec<i64> = payments.iter().map(|payment| payment.refund_pending).collect();
    let excess: Vec<i64> = payments.iter().map(|payment| payment.excess).collect();
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 9] =
        [&ids, &merchants, &seqs, &states, &pending, &captured, &refunds, &excess, &now];
    tx.write(&UPDATE, &params, payments.len()).await
}
