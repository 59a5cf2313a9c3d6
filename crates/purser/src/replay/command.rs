//! `purser replay` on the command line: its arguments, what it prints, its exit code.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use crate::{exit, show};

use super::{DEFAULT_TO, Options, ReplayError, Report, run};

// Differences beyond these are counted, not listed.
const LISTED_MAX: usize = 20;

/// Arguments of `purser replay`.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The Online Retail file: CSV, plain or packed by zstd
    pub file: PathBuf,
    /// Address of a running Purser, for example of `purser up`
    #[arg(long, value_name = "URL", default_value = DEFAULT_TO)]
    pub to: String,
    /// Print the result as one JSON object instead of a table
    #[arg(long)]
    pub json: bool,
    /// Only the first N purchase invoices; a later run without it continues with the rest
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Invoices under way at a time
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub concurrency: u16,
    /// How long to keep trying while the service does not answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub patience: u64,
}

impl From<&Args> for Options {
    fn from(args: &Args) -> Self {
        Self {
            to: args.to.clone(),
            limit: args.limit,
            concurrency: usize::from(args.concurrency),
            patience: Duration::from_secs(args.patience),
            show_progress: true,
            ..Self::new(args.file.clone())
        }
    }
}

/// Replays, and prints the result on stdout and everything else on stderr. Exit code 0 only if what stands in the system
/// equals what the file says; 64 for a wrong argument.
pub async fn command(args: &Args) -> ExitCode {
    match run(&Options::from(args)).await {
        Ok(report) => {
            let text = if args.json { report.json() + "\n" } else { report.table() };
            show::print(&text);
            tell_differences(&report);
            if report.is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error @ ReplayError::Address(_)) => exit::wrong(&error.to_string()),
        Err(error) => exit::failed(&error.to_string()),
    }
}

fn tell_differences(report: &Report) {
    for difference in report.differences.iter().take(LISTED_MAX) {
        eprintln!("differs: {difference}");
    }
    let more = report.differences.len().saturating_sub(LISTED_MAX);
    if more > 0 {
        eprintln!("differs: and {more} more");
    }
}
