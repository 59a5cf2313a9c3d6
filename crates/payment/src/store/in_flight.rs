//! Rows of operations in flight, inside the transactions of captures and outcomes.

use std::collections::BTreeMap;

use kernel::Timestamp;
use platform::db::{DbError, LockClass, Locking, Tx};
use platform::sql;
use platform::sql::Sql;
use uuid::Uuid;

use super::operations::{OperationKey, arrays, key_of};
use crate::domain::attempt::{Attempt, Lease};

const INSERT: Sql = sql!("insert_in_flight");
const LOCK: Sql = sql!("lock_in_flight");
const LOCK_FREE: Sql = sql!("lock_in_flight", " SKIP LOCKED");
const UPDATE: Sql = sql!("update_in_flight");
const DELETE: Sql = sql!("delete_in_flight");
const PARK: Sql = sql!("park_in_flight");

pub(crate) const STATEMENTS: [&Sql; 6] = [&INSERT, &LOCK, &LOCK_FREE, &UPDATE, &DELETE, &PARK];

/// An operation that begins, with the end of its lease and the worker's first look.
pub(crate) struct NewInFlight<'a> {
    pub attempt: &'a Attempt,
    pub lease_until: Timestamp,
    pub next_check_at: Timestamp,
}

pub(crate) async fn insert(tx: &Tx, now: Timestamp, new: &[NewInFlight<'_>]) -> Result<(), DbError> {
    let ids: Vec<Uuid> = new.iter().map(|new| new.attempt.operation_id.uuid()).collect();
    let merchants: Vec<Uuid> = new.iter().map(|new| new.attempt.merchant_id.uuid()).collect();
    let payments: Vec<Uuid> = new.iter().map(|new| new.attempt.payment_id.uuid()).collect();
    let orders: Vec<Uuid> = new.iter().map(|new| new.attempt.order_id.uuid()).collect();
    let tokens: Vec<Uuid> = new.iter().map(|new| new.attempt.lease_token).collect();
    let until: Vec<Timestamp> = new.iter().map(|new| new.lease_until).collect();
    let checks: Vec<Timestamp> = new.iter().map(|new| new.next_check_at).collect();
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 8] =
        [&ids, &merchants, &payments, &orders, &tokens, &until, &checks, &now];
    tx.write(&INSERT, &params, new.len()).await
}

/// Locks leases. Those locked elsewhere are missing when the transaction skips what is locked.
pub(crate) async fn lock(
    tx: &Tx,
    operations: &[OperationKey],
) -> Result<BTreeMap<OperationKey, Lease>, DbError> {
    let (ids, merchants) = arrays(operations);
    let sql = if tx.locking() == Locking::Skip { &LOCK_FREE } else { &LOCK };
    let rows = tx.lock(LockClass::Operations, sql, &[&ids, &merchants]).await?;
    let lease = |row: &tokio_postgres::Row| Lease {
        token: row.get("lease_token"),
        until: row.get("lease_until"),
        next_check_at: row.get("next_check_at"),
        attempts: row.get("attempts"),
        unexecuted: row.get("unexecuted"),
    };
    Ok(rows.iter().map(|row| (key_of(row), lease(row))).collect())
}

pub(crate) async fn update(tx: &Tx, leases: &[(OperationKey, Lease)]) -> Result<(), DbError> {
    let keys: Vec<OperationKey> = leases.iter().map(|(key, _)| *key).collect();
    let (ids, merchants) = arrays(&keys);
    let tokens: Vec<Uuid> = leases.iter().map(|(_, lease)| lease.token).collect();
    let until: Vec<Timestamp> = leases.iter().map(|(_, lease)| lease.until).collect();
    let checks: Vec<Timestamp> = leases.iter().map(|(_, lease)| lease.next_check_at).collect();
    let unexecuted: Vec<i32> = leases.iter().map(|(_, lease)| lease.unexecuted).collect();
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 6] =
        [&ids, &merchants, &tokens, &until, &checks, &unexecuted];
    tx.write(&UPDATE, &params, leases.len()).await
}

pub(crate) async fn delete(tx: &Tx, leases: &[(OperationKey, Lease)]) -> Result<(), DbError> {
    let keys: Vec<OperationKey> = leases.iter().map(|(key, _)| *key).collect();
    let (ids, merchants) = arrays(&keys);
    let tokens: Vec<Uuid> = leases.iter().map(|(_, lease)| lease.token).collect();
    tx.write(&DELETE, &[&ids, &merchants, &tokens], leases.len()).await
}

/// Nobody looks again by themselves.
pub(crate) async fn park(
    tx: &Tx,
    key: OperationKey,
    now: Timestamp,
    never: Timestamp,
) -> Result<(), DbError> {
    tx.query(&PARK, &[&key.0.uuid(), &key.1.uuid(), &now, &never]).await.map(drop)
}
