//! Months: the partitions that every growing table needs, made ahead of time, and the alarm when they are not.

use std::sync::Arc;
use std::time::Duration;

use kernel::{Clock, Timestamp};
use tokio_util::sync::CancellationToken;

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

const INTERVAL: Duration = Duration::from_secs(60 * 60);
const AFTER_FAILURE: Duration = Duration::from_secs(10);

/// Makes months ahead until `stop`, and raises the alarm (an ERROR in the log, and the gauge
/// `purser.partitions.months_ahead`) when there are fewer than [`MONTHS_AHEAD`].
pub async fn keep(database: Database, clock: Arc<Clock>, stop: CancellationToken) {
    let gauge = opentelemetry::global::meter("purser")
        .i64_gauge("purser.partitions.months_ahead")
        .with_description("months after this one that have all their partitions; alarm below three")
        .build();
    let mut analyzed = clock.now();
    while !stop.is_cancelled() {
        let now = clock.now();
        let looked = look(&database, now).await;
        if let Ok(ahead) = looked {
            gauge.record(i64::from(ahead), &[]);
            if ahead < MONTHS_AHEAD {
                tracing::error!(ahead, wanted = MONTHS_AHEAD, "partitions are missing ahead");
            }
        }
        if now - analyzed >= time::Duration::DAY && one_void(&database, &ANALYZE).await.is_ok() {
            analyzed = now;
        }
        let pause = match looked {
            Ok(ahead) if ahead >= MONTHS_AHEAD => INTERVAL,
            _ => AFTER_FAILURE,
        };
        let _ = stop.run_until_cancelled(tokio::time::sleep(pause)).await;
    }
}

/// Makes what is missing, and tells how many months ahead there are then.
///
/// # Errors
/// [`DbError`].
pub async fn look(database: &Database, now: Timestamp) -> Result<i32, DbError> {
    if let Err(error) = ensure(database, now).await {
        tracing::warn!(error = %error, "partitions could not be made yet");
    }
    ahead(database, now).await
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
