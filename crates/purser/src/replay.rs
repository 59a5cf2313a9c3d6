//! `purser replay`: a file of real orders, driven through the public gRPC API, and read back.
//!
//! [`retail`] turns the file into a [`plan::Plan`]; [`run_plan`] carries a plan out: `prepare`, `orders`,
//! `read_back`. Every call names its intent by a key that follows from the input alone, so a replay that was
//! interrupted is continued by running it again, and a complete one changes nothing. It knows the contract, and nothing
//! of the services behind it: no table, no crate of a context.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

mod command;
pub mod error;
mod invoice;
mod orders;
pub mod plan;
pub(crate) mod prepare;
mod price;
pub mod progress;
mod read_back;
pub mod report;
pub mod retail;
mod row;
pub(crate) mod service;
mod source;
pub mod verdict;

pub use command::{Args, command};
pub use error::ReplayError;
pub use report::Report;

use plan::Plan;
use progress::Progress;
use service::Service;

/// Where `purser up` listens when nothing else was asked for.
pub const DEFAULT_TO: &str = "http://127.0.0.1:50051";

/// What to replay, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The file: CSV, plain or packed by zstd.
    pub file: PathBuf,
    /// Address of the service.
    pub to: String,
    /// Only the first so many invoices; the catalogue and the stock are always those of the whole file.
    pub limit: Option<usize>,
    /// Invoices under way at a time.
    pub concurrency: usize,
    /// How long a call that gets no answer is tried again.
    pub patience: Duration,
    /// True to show the progress on stderr.
    pub show_progress: bool,
}

impl Options {
    /// The defaults for a file.
    #[must_use]
    pub fn new(file: PathBuf) -> Self {
        Self {
            file,
            to: DEFAULT_TO.to_owned(),
            limit: None,
            concurrency: 64,
            patience: Duration::from_secs(60),
            show_progress: false,
        }
    }
}

/// Replays a file. A result that differs from the file is a report with differences, not an error.
///
/// # Errors
/// The file cannot be read, the service cannot be reached, or a call that everything rests on was refused.
pub async fn run(options: &Options) -> Result<Report, ReplayError> {
    let (path, limit) = (options.file.clone(), options.limit);
    // Reading and unpacking keep a thread busy for a while.
    let plan = match tokio::task::spawn_blocking(move || read(path, limit)).await {
        Ok(plan) => plan?,
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    };
    run_plan(plan, options).await
}

fn read(path: PathBuf, limit: Option<usize>) -> Result<Plan, ReplayError> {
    let source = match source::Source::open(&path) {
        Ok(source) => source,
        Err(source) => return Err(ReplayError::File { path, source }),
    };
    let mut plan = match retail::plan(&source.text, source.hash) {
        Ok(plan) => plan,
        Err(problem) => return Err(ReplayError::Content { path, problem }),
    };
    if let Some(limit) = limit {
        plan.keep_first(limit);
    }
    Ok(plan)
}

/// Carries out a plan, wherever it comes from. The file and the limit of the options are not looked at.
///
/// # Errors
/// The service cannot be reached, or a call that everything rests on was refused.
pub async fn run_plan(plan: Plan, options: &Options) -> Result<Report, ReplayError> {
    let progress = Arc::new(if options.show_progress { Progress::on_stderr() } else { Progress::quiet() });
    let result = carry_out(Arc::new(plan), options, &progress).await;
    progress.end();
    result
}

async fn carry_out(
    plan: Arc<Plan>,
    options: &Options,
    progress: &Arc<Progress>,
) -> Result<Report, ReplayError> {
    let teller = Arc::clone(progress);
    let say = Box::new(move |line: &str| teller.say(line));
    let service = Arc::new(Service::new(&options.to, options.patience, say)?);
    let ids = Arc::new(prepare::prepare(&service, &plan, progress).await?);
    let driven = orders::drive(&service, &plan, &ids, progress, options.concurrency).await?;
    let standing = read_back::read_back(&service, &ids.merchant, &plan, &driven.order_ids, progress).await?;

    // A plan whose totals do not fit is refused when it is made.
    let expected = plan.totals().unwrap_or_default();
    let mut differences = report::differences(expected, standing.totals);
    differences
        .extend(driven.examples.iter().map(|(reason, example)| format!("refused, {reason}: {example}")));
    differences.extend(standing.differences);
    let (seconds, orders_per_second) = rate(plan.orders.len(), driven.took);
    Ok(Report {
        orders: standing.totals.orders,
        lines: standing.totals.lines,
        units: standing.totals.units,
        value_minor: standing.value,
        placed: driven.placed,
        refused: driven.refused,
        skipped: plan.skipped.iter().map(|(reason, invoices)| ((*reason).to_owned(), *invoices)).collect(),
        seconds,
        orders_per_second,
        expected,
        merchant_id: ids.merchant.clone(),
        busiest_customer: plan.busiest_customer().to_owned(),
        differences,
    })
}

// Seconds to the millisecond, and orders per second to a tenth.
#[expect(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "a rate for people, not money")]
fn rate(orders: usize, took: Duration) -> (f64, f64) {
    let per_second = orders as f64 / took.as_secs_f64().max(0.001);
    ((took.as_secs_f64() * 1_000.0).round() / 1_000.0, (per_second * 10.0).round() / 10.0)
}

#[cfg(test)]
pub(crate) mod tests;
