//! Runs the checks in one read-only snapshot.

use kernel::Timestamp;
use platform::sql::Sql;
use tokio_postgres::{Client, Config, NoTls, Row};

use crate::checks;

mod report;

pub use report::{Checked, Report};

/// Rows of one check that are returned; the others are counted.
pub const ROWS_MAX: usize = 100;

// A check reads whole tables, so it may take its time; it never writes and holds no lock that anybody waits for. Without
// nested loops a plan made from stale statistics is still linear.
const OPTIONS: &str = "-c role=purser_finance -c default_transaction_read_only=on -c jit=off -c statement_timeout=0 \
    -c lock_timeout=5s -c enable_nestloop=off -c work_mem=64MB -c timezone=UTC";

const FRAME: &str = include_str!("check/frame.sql");

/// Why the checks could not be run: nothing is known about the data.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The database cannot be reached, or does not let this user act as `purser_finance`.
    #[error("database: {}", describe(.0))]
    Database(#[from] tokio_postgres::Error),
    /// A check failed as a statement.
    #[error("check {check}: {}", describe(source))]
    Check {
        /// The check's name.
        check: &'static str,
        /// What Postgres said.
        source: tokio_postgres::Error,
    },
}

fn describe(error: &tokio_postgres::Error) -> String {
    error
        .as_db_error()
        .map_or_else(|| format!("{error:?}"), |db| format!("{} {}", db.code().code(), db.message()))
}

/// Runs every check against the database at `url`, as of now.
///
/// # Errors
/// [`CheckError`] when a check could not be run at all.
pub async fn run(url: &str) -> Result<Report, CheckError> {
    run_at(url, None).await
}

/// As [`run`], with another idea of the time that expiries are compared with; for systems whose clock was moved.
///
/// # Errors
/// As [`run`].
pub async fn run_at(url: &str, at: Option<Timestamp>) -> Result<Report, CheckError> {
    let client = connect(url).await?;
    client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let report = within(&client, at).await?;
    client.batch_execute("COMMIT").await?;
    Ok(report)
}

/// Runs every check in the transaction that `client` is in, as of `at` or of its start. Only a snapshot (REPEATABLE READ)
/// gives checks that agree with each other while others write.
///
/// # Errors
/// As [`run`].
pub async fn within(client: &Client, at: Option<Timestamp>) -> Result<Report, CheckError> {
    let mut report = Report::default();
    for sql in checks::ALL {
        report.checks.push(check(client, sql, at).await?);
    }
    Ok(report)
}

async fn connect(url: &str) -> Result<Client, CheckError> {
    let mut config: Config = url.parse()?;
    let options = match config.get_options() {
        Some(given) => format!("{OPTIONS} {given}"),
        None => OPTIONS.to_owned(),
    };
    config.options(&options).application_name("purser check");
    let (client, connection) = config.connect(NoTls).await?;
    // Ends with the client; an error in it reaches the client's next statement.
    tokio::spawn(connection);
    Ok(client)
}

async fn check(client: &Client, sql: &Sql, at: Option<Timestamp>) -> Result<Checked, CheckError> {
    let framed = FRAME.replace("{check}", sql.text);
    let name = name(sql);
    let failed = |source| CheckError::Check { check: name, source };
    let rows = client.query(&framed, &[&at]).await.map_err(failed)?;
    let total: i64 = rows.first().map_or(0, |row| row.get("total"));
    Ok(Checked {
        name,
        description: description(sql),
        violations: u64::try_from(total).unwrap_or_default(),
        rows: rows.iter().take(ROWS_MAX).map(violation).collect(),
    })
}

fn violation(row: &Row) -> serde_json::Map<String, serde_json::Value> {
    match row.get("violation") {
        serde_json::Value::Object(columns) => report::with_typed_ids(columns),
        _ => serde_json::Map::new(),
    }
}

/// The name of a check: its file's.
#[must_use]
pub fn name(sql: &Sql) -> &'static str {
    sql.name.rsplit('/').next().unwrap_or(sql.name)
}

/// What a check holds: its file's first line.
#[must_use]
pub fn description(sql: &Sql) -> &'static str {
    sql.text.lines().next().unwrap_or_default().trim_start_matches("-- ")
}
