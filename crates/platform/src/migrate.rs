//! Migrations: forward only, one history per context, run by one process at a time.

use std::time::Duration;

use tokio_postgres::Client;

mod platform_migrations {
    refinery::embed_migrations!("../../migrations/platform");
}
mod catalog_migrations {
    refinery::embed_migrations!("../../migrations/catalog");
}
mod inventory_migrations {
    refinery::embed_migrations!("../../migrations/inventory");
}
mod payments_migrations {
    refinery::embed_migrations!("../../migrations/payments");
}
mod orders_migrations {
    refinery::embed_migrations!("../../migrations/orders");
}

/// How many months ahead partitions are made.
pub const MONTHS_AHEAD: i32 = 3;

// The advisory lock that makes migrating a one-process affair; the library takes none.
const LOCK: i64 = 0x7075_7273_6572_0001;

/// What a run did.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The migrations applied now, as `context V1 name`.
    pub applied: Vec<String>,
}

/// Why migrating failed.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// A migration failed; what it did is rolled back.
    #[error("migrations of {context}: {source}")]
    Migration {
        /// The schema concerned.
        context: &'static str,
        /// What the library said.
        source: Box<refinery::Error>,
    },
    /// The database refused a statement or cannot be reached.
    #[error("database: {}", describe(.0))]
    Database(#[from] tokio_postgres::Error),
    /// Another process has been migrating for too long.
    #[error("another process has been migrating this database for over a minute; try again when it is done")]
    Busy,
}

fn describe(error: &tokio_postgres::Error) -> String {
    error
        .as_db_error()
        .map_or_else(|| format!("{error:?}"), |db| format!("{} {}", db.code().code(), db.message()))
}

fn contexts() -> [(&'static str, refinery::Runner); 5] {
    [
        ("platform", platform_migrations::migrations::runner()),
        ("catalog", catalog_migrations::migrations::runner()),
        ("inventory", inventory_migrations::migrations::runner()),
        ("payments", payments_migrations::migrations::runner()),
        ("orders", orders_migrations::migrations::runner()),
    ]
}

fn history_table(context: &str) -> String {
    format!("purser_migrations_{context}")
}

/// Applies what is missing, and makes the partitions of the coming months.
///
/// # Errors
/// [`MigrateError`]; each migration is a transaction of its own, so what was applied stays applied.
pub async fn run(client: &mut Client) -> Result<Report, MigrateError> {
    take_turn(client).await?;
    let result = apply(client).await;
    client.execute("SELECT pg_advisory_unlock($1)", &[&LOCK]).await?;
    result
}

/// Polls the lock: a session that waits inside `pg_advisory_lock` holds a snapshot, which a concurrent index build of
/// another migration would wait for in turn.
async fn take_turn(client: &Client) -> Result<(), MigrateError> {
    for _ in 0..600 {
        let row = client.query_one("SELECT pg_try_advisory_lock($1)", &[&LOCK]).await?;
        if row.get(0) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(MigrateError::Busy)
}

async fn apply(client: &mut Client) -> Result<Report, MigrateError> {
    let mut report = Report::default();
    for (context, mut runner) in contexts() {
        let table = history_table(context);
        runner.set_migration_table_name(&table);
        let done = runner
            .run_async(client)
            .await
            .map_err(|source| MigrateError::Migration { context, source: Box::new(source) })?;
        // Every process checks the schema's version before it serves. The name is one of five constants of ours.
        client.batch_execute(&format!("GRANT SELECT ON {table} TO purser_write, purser_read")).await?;
        report.applied.extend(done.applied_migrations().iter().map(|applied| format!("{context} {applied}")));
    }
    client.execute("SELECT platform.ensure_months(clock_timestamp(), $1)", &[&MONTHS_AHEAD]).await?;
    Ok(report)
}

/// True when the database has every migration that this build knows; a newer database is fine.
///
/// # Errors
/// [`MigrateError::Database`] when it cannot be asked.
pub async fn is_current(client: &Client) -> Result<bool, MigrateError> {
    for (context, runner) in contexts() {
        let wanted =
            runner.get_migrations().iter().map(refinery::Migration::version).max().unwrap_or_default();
        let table = history_table(context);
        let exists = client.query_one("SELECT to_regclass($1) IS NOT NULL", &[&table]).await?;
        if !exists.get::<_, bool>(0) {
            return Ok(false);
        }
        // The name is one of five constants of ours.
        let newest = client.query_one(&format!("SELECT coalesce(max(version), 0) FROM {table}"), &[]).await?;
        if i64::from(newest.get::<_, i32>(0)) < i64::from(wanted) {
            return Ok(false);
        }
    }
    Ok(true)
}
