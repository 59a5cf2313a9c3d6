//! Payments of orders, for the transactions of the order context.

use std::collections::HashSet;

use kernel::id::PaymentId;
use kernel::{Id, MerchantId, OrderId, Timestamp};
use platform::db::{DbError, LockClass, Locking, Tx};
use platform::sql;
use platform::sql::Sql;
use tokio_postgres::Row;
use uuid::Uuid;

use super::family;
use crate::domain::payment::State;
use crate::tx::{NewPayment, OpenPayment};

const INSERT: Sql = sql!("insert_payments");
const IN_FLIGHT: Sql = sql!("orders_in_flight");
const LOCK: Sql = sql!("lock_payments_of_orders");
const LOCK_FREE: Sql = sql!("lock_payments_of_orders", " SKIP LOCKED");
const READ: Sql = sql!("payments_of_orders");
const CLOSE: Sql = sql!("close_payments");

pub(crate) const STATEMENTS: [&Sql; 6] = [&INSERT, &IN_FLIGHT, &LOCK, &LOCK_FREE, &READ, &CLOSE];

type Order = (MerchantId, OrderId);

pub(crate) async fn insert(tx: &Tx, now: Timestamp, payments: &[NewPayment]) -> Result<(), DbError> {
    let ids: Vec<Uuid> = payments.iter().map(|payment| payment.payment_id.uuid()).collect();
    let merchants: Vec<Uuid> = payments.iter().map(|payment| payment.merchant_id.uuid()).collect();
    let orders: Vec<Uuid> = payments.iter().map(|payment| payment.order_id.uuid()).collect();
    let currencies: Vec<&str> = payments.iter().map(|payment| payment.amount.currency.code()).collect();
    let amounts: Vec<i64> = payments.iter().map(|payment| payment.amount.minor).collect();
    let providers: Vec<&str> = payments.iter().map(|payment| payment.provider.as_str()).collect();
    tx.write(&INSERT, &[&ids, &merchants, &orders, &currencies, &amounts, &providers, &now], payments.len())
        .await
}

/// The operations in flight of orders: order, payment and operation.
pub(crate) async fn in_flight(tx: &Tx, orders: &[Order]) -> Result<Vec<Row>, DbError> {
    let ids: Vec<Uuid> = orders.iter().map(|(_, order)| order.uuid()).collect();
    let merchants: Vec<Uuid> = orders.iter().map(|(merchant, _)| merchant.uuid()).collect();
    tx.query(&IN_FLIGHT, &[&ids, &merchants]).await
}

/// Locks the payments of orders. Those locked elsewhere come back as busy when the transaction skips what is locked.
pub(crate) async fn lock(tx: &Tx, orders: &[Order]) -> Result<Vec<OpenPayment>, DbError> {
    let ids: Vec<Uuid> = orders.iter().map(|(_, order)| order.uuid()).collect();
    let merchants: Vec<Uuid> = orders.iter().map(|(merchant, _)| merchant.uuid()).collect();
    let (least, most): (Vec<Uuid>, Vec<Uuid>) = ids.iter().map(|id| family::range(*id)).unzip();
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 4] = [&ids, &merchants, &least, &most];
    if tx.locking() != Locking::Skip {
        let rows = tx.lock(LockClass::Payments, &LOCK, &params).await?;
        return Ok(rows.iter().map(|row| open_payment(row, false)).collect());
    }
    let rows = tx.lock(LockClass::Payments, &LOCK_FREE, &params).await?;
    let mut payments: Vec<OpenPayment> = rows.iter().map(|row| open_payment(row, false)).collect();
    let locked: HashSet<PaymentId> = payments.iter().map(|payment| payment.payment_id).collect();
    let all = tx.query(&READ, &params).await?;
    let all = all.iter().map(|row| open_payment(row, true));
    payments.extend(all.filter(|payment| !locked.contains(&payment.payment_id)));
    Ok(payments)
}

fn open_payment(row: &Row, busy: bool) -> OpenPayment {
    OpenPayment {
        payment_id: Id::from_uuid(row.get("id")),
        merchant_id: Id::from_uuid(row.get("merchant_id")),
        order_id: Id::from_uuid(row.get("order_id")),
        state: State::parse(row.get("state")).expect("the table's CHECK lists the states of the domain"),
        captured: row.get("captured"),
        seq: row.get("seq"),
        busy,
    }
}

pub(crate) async fn close(
    tx: &Tx,
    now: Timestamp,
    payments: &[&OpenPayment],
    state: State,
) -> Result<(), DbError> {
    let ids: Vec<Uuid> = payments.iter().map(|payment| payment.payment_id.uuid()).collect();
    let merchants: Vec<Uuid> = payments.iter().map(|payment| payment.merchant_id.uuid()).collect();
    let seqs: Vec<i32> = payments.iter().map(|payment| payment.seq).collect();
    tx.write(&CLOSE, &[&ids, &merchants, &seqs, &state.as_str(), &now], payments.len()).await
}
