//! `purser check`: does everything in the database add up?

use std::process::ExitCode;

use crate::database::Place;
use crate::exit::Failure;
use crate::show;

/// Runs the invariants and prints what they found: exit code 0 for nothing, 1 for something.
///
/// # Errors
/// When there is no database, or it cannot be read.
pub async fn command(place: &Place, json: bool) -> Result<ExitCode, Failure> {
    let opened = place.open().await?;
    let checked = run(&opened.config.url, json).await;
    opened.close().await?;
    checked
}

async fn run(url: &str, json: bool) -> Result<ExitCode, Failure> {
    let report = reconciliation::check::run(url).await.map_err(anyhow::Error::from)?;
    if json {
        let object = serde_json::to_string_pretty(&report).map_err(anyhow::Error::from)?;
        show::print(&format!("{object}\n"));
    } else {
        show::print(&report.to_string());
    }
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
