//! Months: the partitions that every growing table needs, made ahead of time, and the alarm when they are not.

use kernel::Timestamp;

use crate::db::{Database, DbError};
use crate::migrate::MONTHS_AHEAD;
use crate::sql;
use crate::sql::Sql;

const ENSURE: Sql = sql!("months/ensure_months");
const AHEAD: Sql = sql!("months/months_ahead");
const ANALYZE: Sql = sql!("months/analyze_parents");

/// Makes the partitions of this month and the coming ones; returns how many were made. Statistics of the parents are
/// gathered when there are new ones.
///
/// # Errors
/// [`DbError`]; a lock that is not free at once fails the call, which is repeated later.
pub async fn ensure(database: &Database, now: Timestamp) -> Result<i32, DbError> {
    let made = one(database, &ENSURE, &[&now, &MONTHS_AHEAD]).await?;
    if made > 0 {
        one_void(database, &ANALYZE).await?;
    }
    Ok(made)
}

/// How many months after this one have all their partitions.
///
/// # Errors
/// [`DbError`].
pub async fn ahead(database: &Database, now: Timestamp) -> Result<i32, DbError> {
    one(database, &AHEAD, &[&now]).await
}

type Params<'a> = &'a [&'a (dyn tokio_postgres::types::ToSql + Sync)];

async fn one(database: &Database, sql: &'static Sql, params: Params<'_>) -> Result<i32, DbError> {
    let client = database.write().await?;
    let failed = |source| DbError::Statement { statement: sql.name, source };
    Ok(client.query_one(sql.text, params).await.map_err(failed)?.get(0))
}

async fn one_void(database: &Database, sql: &'static Sql) -> Result<(), DbError> {
    let client = database.write().await?;
    let failed = |source| DbError::Statement { statement: sql.name, source };
    client.execute(sql.text, &[]).await.map_err(failed)?;
    Ok(())
}
