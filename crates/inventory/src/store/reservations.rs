//! Reservations: their rows, and the queue of those that will expire.
//!
//! In the one lock order a reservation takes the place of an order: it owns holds, and no transaction locks both.

use std::collections::HashMap;

use kernel::id::ReservationId;
use kernel::{MerchantId, SkuId, Timestamp};
use platform::db::{DbError, LockClass, Locking, Tx};
use platform::sql;
use platform::sql::Sql;
use serde::{Deserialize, Serialize};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::domain::reservation::{Line, Reservation, State};

const LOCK: Sql = sql!("lock_reservations");
const LOCK_FREE: Sql = sql!("lock_reservations", " SKIP LOCKED");
const READ: Sql = sql!("read_reservations");
const INSERT: Sql = sql!("insert_reservations");
const INSERT_EXPIRIES: Sql = sql!("insert_expiries");
const END: Sql = sql!("end_reservations");
const DELETE_EXPIRIES: Sql = sql!("delete_expiries");

/// The statements of this module.
pub const STATEMENTS: &[&Sql] =
    &[&LOCK, &LOCK_FREE, &READ, &INSERT, &INSERT_EXPIRIES, &END, &DELETE_EXPIRIES];

/// A reservation's identity: with its merchant, so that nobody names another tenant's.
pub type Name = (MerchantId, ReservationId);

/// A line as it stands in the column `lines`.
#[derive(Serialize, Deserialize)]
struct StoredLine {
    sku_id: String,
    location: String,
    quantity: i64,
}

fn stored(line: &Line) -> StoredLine {
    StoredLine {
        sku_id: line.sku_id.uuid().to_string(),
        location: line.location.as_str().to_owned(),
        quantity: line.quantity,
    }
}

fn line(stored: StoredLine) -> Line {
    Line {
        sku_id: SkuId::from_uuid(Uuid::parse_str(&stored.sku_id).unwrap_or_default()),
        location: stored.location.into(),
        quantity: stored.quantity,
    }
}

/// The reservation in a row that has all its columns.
pub fn reservation(row: &Row) -> Reservation {
    let lines: Vec<StoredLine> = serde_json::from_value(row.get("lines")).unwrap_or_default();
    Reservation {
        reservation_id: ReservationId::from_uuid(row.get("id")),
        merchant_id: MerchantId::from_uuid(row.get("merchant_id")),
        state: State::stored(row.get("state")),
        lines: lines.into_iter().map(line).collect(),
        created_time: row.get("created_time"),
        expires_at: row.get("expires_at"),
        ended_time: row.get("ended_time"),
    }
}

fn by_name(rows: &[Row]) -> HashMap<Name, Reservation> {
    let named = |found: Reservation| ((found.merchant_id, found.reservation_id), found);
    rows.iter().map(reservation).map(named).collect()
}

/// Each name once: a join with two equal source rows would answer one reservation twice.
fn arrays(names: &[Name]) -> (Vec<Uuid>, Vec<Uuid>) {
    let mut names = names.to_vec();
    names.sort_unstable_by_key(|(merchant, id)| (*id, *merchant));
    names.dedup();
    names.iter().map(|(merchant, id)| (id.uuid(), merchant.uuid())).unzip()
}

/// Reservations that were locked, and the names of those that are locked elsewhere; what is in neither does not exist.
#[derive(Default)]
pub struct Locked {
    /// As they stand under the lock.
    pub reservations: HashMap<Name, Reservation>,
    /// Only where the transaction skips what is locked.
    pub busy: Vec<Name>,
}

/// Locks reservations.
///
/// # Errors
/// As [`Tx::lock`].
pub async fn lock(tx: &Tx, names: &[Name]) -> Result<Locked, DbError> {
    if names.is_empty() {
        return Ok(Locked::default());
    }
    let (ids, merchants) = arrays(names);
    let skip = tx.locking() == Locking::Skip;
    let sql = if skip { &LOCK_FREE } else { &LOCK };
    let reservations = by_name(&tx.lock(LockClass::Orders, sql, &[&ids, &merchants]).await?);
    let mut busy = Vec::new();
    if skip && reservations.len() < ids.len() {
        let existing = by_name(&tx.query(&READ, &[&ids, &merchants]).await?);
        busy = existing.into_keys().filter(|name| !reservations.contains_key(name)).collect();
    }
    Ok(Locked { reservations, busy })
}

/// Reads reservations as they stand, unlocked.
///
/// # Errors
/// As [`Tx::query`].
pub async fn read(tx: &Tx, names: &[Name]) -> Result<HashMap<Name, Reservation>, DbError> {
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let (ids, merchants) = arrays(names);
    Ok(by_name(&tx.query(&READ, &[&ids, &merchants]).await?))
}

/// Writes new reservations and queues their expiry.
///
/// # Errors
/// As [`Tx::write`].
pub async fn insert(tx: &Tx, new: &[Reservation], now: Timestamp) -> Result<(), DbError> {
    let ids: Vec<Uuid> = new.iter().map(|one| one.reservation_id.uuid()).collect();
    let merchants: Vec<Uuid> = new.iter().map(|one| one.merchant_id.uuid()).collect();
    let lines: Vec<serde_json::Value> = new
        .iter()
        .map(|one| serde_json::to_value(one.lines.iter().map(stored).collect::<Vec<_>>()).unwrap_or_default())
        .collect();
    let expiries: Vec<Timestamp> = new.iter().map(|one| one.expires_at).collect();
    let rows: [&(dyn tokio_postgres::types::ToSql + Sync); 5] = [&ids, &merchants, &lines, &expiries, &now];
    let queue: [&(dyn tokio_postgres::types::ToSql + Sync); 3] = [&ids, &merchants, &expiries];
    futures::try_join!(tx.write(&INSERT, &rows, new.len()), tx.write(&INSERT_EXPIRIES, &queue, new.len()))?;
    Ok(())
}

/// Ends locked, held reservations and takes them out of the queue. None comes twice.
///
/// # Errors
/// As [`Tx::write`].
pub async fn end(tx: &Tx, ended: &[(Name, State)], now: Timestamp) -> Result<(), DbError> {
    let ids: Vec<Uuid> = ended.iter().map(|((_, id), _)| id.uuid()).collect();
    let merchants: Vec<Uuid> = ended.iter().map(|((merchant, _), _)| merchant.uuid()).collect();
    let states: Vec<&str> = ended.iter().map(|(_, state)| state.as_str()).collect();
    let rows: [&(dyn tokio_postgres::types::ToSql + Sync); 4] = [&ids, &merchants, &states, &now];
    let queue: [&(dyn tokio_postgres::types::ToSql + Sync); 2] = [&ids, &merchants];
    futures::try_join!(tx.write(&END, &rows, ended.len()), tx.write(&DELETE_EXPIRIES, &queue, ended.len()))?;
    Ok(())
}
