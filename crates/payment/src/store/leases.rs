//! Leases, each taken in a short transaction of its own: nothing is locked while the provider is asked.

use kernel::Timestamp;
use platform::db::{Database, DbError, LockClass, Locking, Tx};
use platform::sql;
use platform::sql::Sql;
use uuid::Uuid;

use super::operations::{OperationKey, attempt};
use super::{in_flight, operations};
use crate::domain::attempt::Attempt;
use crate::domain::settle::NEVER;

const TAKE: Sql = sql!("take_lease");
const CLAIM_DUE: Sql = sql!("claim_due");

pub(crate) const STATEMENTS: [&Sql; 2] = [&TAKE, &CLAIM_DUE];

/// Times of a lease that is taken now.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub now: Timestamp,
    pub until: Timestamp,
    pub next_check_at: Timestamp,
}

/// Takes the lease of one operation, if it is over: what the provider is asked then.
pub(crate) async fn take(
    database: &Database,
    key: OperationKey,
    times: Times,
) -> Result<Option<Attempt>, DbError> {
    let token = Uuid::new_v4();
    let Times { now, until, next_check_at } = times;
    let tx = begin(database).await?;
    let rows = tx
        .lock(
            LockClass::Operations,
            &TAKE,
            &[&key.0.uuid(), &key.1.uuid(), &token, &now, &until, &next_check_at],
        )
        .await?;
    tx.commit().await?;
    Ok(rows.first().map(|row| attempt(row, token)))
}

/// Takes the leases of at most `limit` captures that are due.
pub(crate) async fn claim_due(
    database: &Database,
    times: Times,
    limit: usize,
) -> Result<Vec<Attempt>, DbError> {
    // One token for all: a token fences one operation's row, and rows of one claim have one holder.
    let token = Uuid::new_v4();
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let Times { now, until, next_check_at } = times;
    let tx = begin(database).await?;
    let rows =
        tx.lock(LockClass::Operations, &CLAIM_DUE, &[&token, &now, &until, &next_check_at, &limit]).await?;
    tx.commit().await?;
    Ok(rows.iter().map(|row| attempt(row, token)).collect())
}

/// Leaves an operation whose outcome cannot be applied to a person; touches nothing but the operation and its lease.
pub(crate) async fn park(
    database: &Database,
    key: OperationKey,
    now: Timestamp,
    reference: &str,
    why: &str,
) -> Result<(), DbError> {
    let tx = begin(database).await?;
    operations::park(&tx, key, reference, why).await?;
    in_flight::park(&tx, key, now, NEVER).await?;
    tx.commit().await
}

async fn begin(database: &Database) -> Result<Tx, DbError> {
    let tx = Tx::new(database.write().await?, Locking::WaitLong);
    tx.begin().await?;
    Ok(tx)
}
