//! Locks orders, and writes what became of them.

use std::collections::{HashMap, HashSet};

use futures::future;
use inventory::tx::Hold;
use kernel::id::OperationId;
use kernel::{MerchantId, OrderId, SkuId, Timestamp};
use platform::db::{DbError, LockClass, Locking, Tx};
use platform::events::Event;
use platform::sql;
use platform::sql::Sql;
use serde_json::json;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::domain::fulfilment::{OpenLine, Standing};
use crate::domain::state::State;

mod written;

pub use written::{LineKey, Written};

const LOCK: Sql = sql!("transition/lock_orders");
const LOCK_SKIP: Sql = sql!("transition/lock_orders", " SKIP LOCKED");
const EXISTING: Sql = sql!("transition/existing_orders");
const LINES: Sql = sql!("transition/open_lines");
const UPDATE: Sql = sql!("transition/update_orders");
/// Inserts history rows.
pub const HISTORY: Sql = sql!("transition/insert_history");
/// Inserts into the fulfilment queue.
pub const ENQUEUE: Sql = sql!("transition/insert_fulfilment_queue");
const DEQUEUE: Sql = sql!("transition/delete_fulfilment_queue");
/// Deletes from the expiry queue.
const UNEXPIRE: Sql = sql!("transition/delete_expiry_queue");
const SHIPMENTS: Sql = sql!("transition/insert_shipments");
const SHIPMENT_LINES: Sql = sql!("transition/insert_shipment_lines");

/// The statements of this module.
pub const STATEMENTS: [&Sql; 11] = [
    &LOCK,
    &LOCK_SKIP,
    &EXISTING,
    &LINES,
    &UPDATE,
    &HISTORY,
    &ENQUEUE,
    &DEQUEUE,
    &UNEXPIRE,
    &SHIPMENTS,
    &SHIPMENT_LINES,
];

/// An order with its tenant.
pub type OrderKey = (MerchantId, OrderId);

/// The name of the event of a transition to `to`.
#[must_use]
pub const fn event_kind(to: State) -> &'static str {
    match to {
        State::Pending => "OrderPlaced",
        State::Confirmed => "OrderConfirmed",
        State::Processing => "OrderProcessingStarted",
        State::Shipped => "OrderShipped",
        State::Delivered => "OrderDelivered",
        State::Cancelled => "OrderCancelled",
        State::Refunded => "OrderRefunded",
    }
}

fn columns(orders: &[OrderKey]) -> (Vec<Uuid>, Vec<Uuid>) {
    orders.iter().map(|(merchant, order)| (merchant.uuid(), order.uuid())).unzip()
}

fn key(row: &Row) -> OrderKey {
    (MerchantId::from_uuid(row.get("merchant_id")), OrderId::from_uuid(row.get("order_id")))
}

/// Locks orders, sorted by primary key; what does not exist for its merchant is missing from the answer, and while locked
/// rows are skipped, so are those.
///
/// # Errors
/// As [`Tx::lock`].
pub async fn lock_orders(tx: &Tx, orders: &[OrderKey]) -> Result<HashMap<OrderKey, Standing>, DbError> {
    let (merchants, ids) = columns(orders);
    let sql = if tx.locking() == Locking::Skip { &LOCK_SKIP } else { &LOCK };
    let rows = tx.lock(LockClass::Orders, sql, &[&merchants, &ids]).await?;
    Ok(rows.iter().map(keyed_standing).collect())
}

/// An order's row, as the columns of `lock_orders` tell it.
#[must_use]
pub fn keyed_standing(row: &Row) -> (OrderKey, Standing) {
    (key(row), standing(row))
}

fn standing(row: &Row) -> Standing {
    let (captured, refunded): (i64, i64) = (row.get("captured"), row.get("refunded"));
    Standing {
        state: State::parse(row.get("state")).expect("the CHECK constraint knows the same states"),
        seq: row.get("seq"),
        total: row.get("total"),
        captured,
        held_money: captured - refunded,
        in_flight: false,
        expires_at: row.get("expires_at"),
        lines: Vec::new(),
        shipments: 0,
    }
}

/// Of `orders`, those that exist and were not locked: another transaction holds them.
///
/// # Errors
/// As [`Tx::query`].
pub async fn busy(
    tx: &Tx,
    orders: &[OrderKey],
    locked: &HashMap<OrderKey, Standing>,
) -> Result<HashSet<OrderKey>, DbError> {
    let (merchants, ids) = columns(orders);
    let rows = tx.query(&EXISTING, &[&merchants, &ids]).await?;
    Ok(rows.iter().map(key).filter(|order| !locked.contains_key(order)).collect())
}

/// One line of an order that ships or ends.
#[derive(Clone, Debug)]
pub struct LineRow {
    /// Its order.
    pub order: OrderKey,
    /// Units ordered and shipped.
    pub open: OpenLine,
    /// Its SKU.
    pub sku_id: SkuId,
    /// The SKU's code when it was ordered.
    pub sku_code: String,
    /// Where its stock is; empty when none is tracked.
    pub location: String,
    /// Shipments that the order has so far.
    pub shipments: i32,
}

/// The lines of orders with what was shipped of them.
///
/// # Errors
/// As [`Tx::query`].
pub async fn open_lines(tx: &Tx, orders: &[OrderKey]) -> Result<Vec<LineRow>, DbError> {
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    let (merchants, ids) = columns(orders);
    let rows = tx.query(&LINES, &[&merchants, &ids]).await?;
    let line = |row: &Row| LineRow {
        order: key(row),
        open: OpenLine {
            line_no: row.get("line_no"),
            quantity: row.get("quantity"),
            shipped: row.get("shipped"),
        },
        sku_id: SkuId::from_uuid(row.get("sku_id")),
        sku_code: row.get("sku_code"),
        location: row.get("location"),
        shipments: row.get("shipments"),
    };
    Ok(rows.iter().map(line).collect())
}

/// One history row.
#[derive(Clone, Debug)]
pub struct HistoryRow {
    /// The merchant.
    pub merchant_id: MerchantId,
    /// The order.
    pub order_id: OrderId,
    /// Its number, gapless.
    pub seq: i32,
    /// State before.
    pub from: Option<State>,
    /// State after.
    pub to: State,
    /// Who.
    pub actor: String,
    /// Why, or empty.
    pub reason: String,
    /// The payment operation that caused it.
    pub cause: Option<OperationId>,
}

impl HistoryRow {
    /// The event of the same transition.
    #[must_use]
    pub fn event(&self) -> Event {
        Event {
            merchant_id: self.merchant_id,
            subject_id: self.order_id.uuid(),
            seq: self.seq,
            kind: event_kind(self.to),
            payload: match self.cause {
                Some(operation) => json!({ "operation_id": operation.to_string() }),
                None if self.reason.is_empty() => json!({}),
                None => json!({ "reason": self.reason }),
            },
        }
    }
}

/// Inserts history rows.
///
/// # Errors
/// As [`Tx::write`].
pub async fn insert_history(tx: &Tx, now: Timestamp, rows: &[HistoryRow]) -> Result<(), DbError> {
    let orders: Vec<Uuid> = rows.iter().map(|row| row.order_id.uuid()).collect();
    let seqs: Vec<i32> = rows.iter().map(|row| row.seq).collect();
    let merchants: Vec<Uuid> = rows.iter().map(|row| row.merchant_id.uuid()).collect();
    let from: Vec<Option<&str>> = rows.iter().map(|row| row.from.map(State::as_str)).collect();
    let to: Vec<&str> = rows.iter().map(|row| row.to.as_str()).collect();
    let actors: Vec<&str> = rows.iter().map(|row| row.actor.as_str()).collect();
    let reasons: Vec<&str> = rows.iter().map(|row| row.reason.as_str()).collect();
    let causes: Vec<Option<Uuid>> = rows.iter().map(|row| row.cause.map(OperationId::uuid)).collect();
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 9] =
        [&orders, &seqs, &merchants, &from, &to, &actors, &reasons, &causes, &now];
    tx.write(&HISTORY, &params, rows.len()).await
}

/// Puts orders into the fulfilment queue.
///
/// # Errors
/// As [`Tx::write`].
pub async fn enqueue(tx: &Tx, orders: &[OrderKey]) -> Result<(), DbError> {
    let (merchants, ids) = columns(orders);
    tx.write(&ENQUEUE, &[&merchants, &ids], orders.len()).await
}

/// Takes orders out of the expiry queue.
///
/// # Errors
/// As [`Tx::write`].
pub async fn unexpire(tx: &Tx, orders: &[OrderKey]) -> Result<(), DbError> {
    let (merchants, ids) = columns(orders);
    tx.write(&UNEXPIRE, &[&merchants, &ids], orders.len()).await
}

/// The final row of an order.
#[derive(Clone, Debug)]
pub struct OrderUpdate {
    /// The order.
    pub order: OrderKey,
    /// The number it had when it was locked: the guard.
    pub old_seq: i32,
    /// Its number now.
    pub seq: i32,
    /// Its state now.
    pub state: State,
    /// Money captured now.
    pub captured: i64,
    /// End of its hold now.
    pub expires_at: Option<Timestamp>,
}

/// Writes final rows of orders, guarded by their old numbers.
///
/// # Errors
/// As [`Tx::write`].
pub async fn update_orders(tx: &Tx, now: Timestamp, updates: &[OrderUpdate]) -> Result<(), DbError> {
    let merchants: Vec<Uuid> = updates.iter().map(|update| update.order.0.uuid()).collect();
    let ids: Vec<Uuid> = updates.iter().map(|update| update.order.1.uuid()).collect();
    let old_seqs: Vec<i32> = updates.iter().map(|update| update.old_seq).collect();
    let seqs: Vec<i32> = updates.iter().map(|update| update.seq).collect();
    let states: Vec<&str> = updates.iter().map(|update| update.state.as_str()).collect();
    let captured: Vec<i64> = updates.iter().map(|update| update.captured).collect();
    let expires: Vec<Option<Timestamp>> = updates.iter().map(|update| update.expires_at).collect();
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 8] =
        [&merchants, &ids, &old_seqs, &seqs, &states, &captured, &expires, &now];
    tx.write(&UPDATE, &params, updates.len()).await
}

/// Writes what a batch of transitions changed.
///
/// # Errors
/// As [`Tx::write`].
pub async fn write(
    tx: &Tx,
    now: Timestamp,
    written: &Written,
    before: &HashMap<OrderKey, Standing>,
) -> Result<(), DbError> {
    let updates = written.updates(before);
    let queue = written.queue_changes(before);
    let rows = future::try_join(update_orders(tx, now, &updates), insert_history(tx, now, written.history()));
    let shipping = future::try_join(insert_shipments(tx, now, written), insert_shipment_lines(tx, written));
    let (merchants, ids) = columns(&queue.left);
    let left: [&(dyn tokio_postgres::types::ToSql + Sync); 2] = [&merchants, &ids];
    let queues =
        future::try_join(unexpire(tx, &queue.unexpired), tx.write(&DEQUEUE, &left, queue.left.len()));
    future::try_join3(rows, shipping, queues).await?;
    Ok(())
}

async fn insert_shipments(tx: &Tx, now: Timestamp, written: &Written) -> Result<(), DbError> {
    let shipments = written.shipments();
    let orders: Vec<Uuid> = shipments.iter().map(|shipment| shipment.order.1.uuid()).collect();
    let numbers: Vec<i32> = shipments.iter().map(|shipment| shipment.shipment_no).collect();
    let merchants: Vec<Uuid> = shipments.iter().map(|shipment| shipment.order.0.uuid()).collect();
    let tracking: Vec<&str> = shipments.iter().map(|shipment| shipment.tracking_number.as_str()).collect();
    let carriers: Vec<&str> = shipments.iter().map(|shipment| shipment.carrier.as_str()).collect();
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 6] =
        [&orders, &numbers, &merchants, &tracking, &carriers, &now];
    tx.write(&SHIPMENTS, &params, shipments.len()).await
}

async fn insert_shipment_lines(tx: &Tx, written: &Written) -> Result<(), DbError> {
    let lines: Vec<(OrderKey, i32, i32, i64)> = written
        .shipments()
        .iter()
        .flat_map(|shipment| {
            shipment.lines.iter().map(|(line, units)| (shipment.order, shipment.shipment_no, *line, *units))
        })
        .collect();
    let orders: Vec<Uuid> = lines.iter().map(|(order, ..)| order.1.uuid()).collect();
    let shipments: Vec<i32> = lines.iter().map(|(_, shipment, ..)| *shipment).collect();
    let numbers: Vec<i32> = lines.iter().map(|(_, _, line, _)| *line).collect();
    let merchants: Vec<Uuid> = lines.iter().map(|(order, ..)| order.0.uuid()).collect();
    let units: Vec<i64> = lines.iter().map(|(.., units)| *units).collect();
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 5] =
        [&orders, &shipments, &numbers, &merchants, &units];
    tx.write(&SHIPMENT_LINES, &params, lines.len()).await
}

/// The order that a hold belongs to; a reservation's hold belongs to none.
#[must_use]
pub fn order_of(hold: &Hold) -> Option<OrderKey> {
    match hold.owner {
        inventory::tx::Owner::Order(order) => Some((hold.merchant_id, order)),
        inventory::tx::Owner::Reservation(_) => None,
    }
}
