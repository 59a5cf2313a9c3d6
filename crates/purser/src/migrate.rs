//! `purser migrate`: brings a database's schema up to date.

use std::process::ExitCode;

use anyhow::Context;
use platform::db::DatabaseConfig;
use platform::migrate::{self, Report};
use tokio_postgres::NoTls;

use crate::exit::Failure;
use crate::show;

/// Migrates, and says what was applied.
///
/// # Errors
/// When the database cannot be reached, or refuses a migration.
pub async fn command(database: &DatabaseConfig) -> Result<ExitCode, Failure> {
    let report = run(&database.url).await?;
    for applied in &report.applied {
        show::print(&format!("applied {applied}\n"));
    }
    show::print("the schema is up to date\n");
    Ok(ExitCode::SUCCESS)
}

/// Migrates the database at `url` over a connection of its own.
///
/// # Errors
/// As [`command`].
pub async fn run(url: &str) -> Result<Report, Failure> {
    // The session that migrates holds an advisory lock: no pool may come between.
    let connected = tokio_postgres::connect(url, NoTls).await;
    let (mut client, connection) = connected.context("cannot connect to the database")?;
    let connection = tokio::spawn(connection);
    let report = migrate::run(&mut client).await.context("cannot migrate")?;
    drop(client);
    connection.abort();
    Ok(report)
}
