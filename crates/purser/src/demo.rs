//! `purser demo`: the whole system on a fresh machine, with something in it.
//!
//! [`crate::up::demo`] starts the system; here it sells by hand (`sale`), replays orders (`day` when there is no sample
//! file), and says what happened and how to call it (`calls`). Everything it does names its intent by a fixed key, so a
//! second start on the same data repeats it and changes nothing. Like the replay it uses the public API only.

use std::path::PathBuf;

use crate::replay::progress::Progress;
use crate::replay::service::Service;
use crate::replay::{self, Options, ReplayError};

mod calls;
mod day;
mod sale;

pub use calls::Call;

/// Invoices of the sample file that the demo replays.
const SAMPLE_INVOICES: usize = 500;

/// What the demo did, for people.
#[derive(Debug)]
pub struct Story {
    /// What happened, a line each.
    pub lines: Vec<String>,
    /// Calls to try, with real ids.
    pub calls: Vec<Call>,
}

/// Sells in the system at `to`, with part of the sample file if there is one.
///
/// # Errors
/// As [`replay::run`], and when the sale by hand does not come out as it must.
pub async fn play(to: &str, sample: Option<PathBuf>) -> Result<Story, ReplayError> {
    let mut options = Options::new(sample.clone().unwrap_or_default());
    options.to = to.to_owned();
    options.limit = Some(SAMPLE_INVOICES);
    options.show_progress = true;

    let service = Service::new(to, options.patience, Box::new(|line| eprintln!("{line}")))?;
    let sale = sale::sell(&service, &Progress::quiet()).await?;
    let mut lines = sale.lines.clone();

    let (what, report) = match &sample {
        Some(file) => {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            (format!("the first {SAMPLE_INVOICES} invoices of {name}"), replay::run(&options).await?)
        }
        None => ("a generated day of orders".to_owned(), replay::run_plan(day::plan(), &options).await?),
    };
    lines.extend(told(&what, &report));
    let (merchant_id, customer_id) = (report.merchant_id, report.busiest_customer);
    let busiest = calls::Customer { merchant_id, customer_id };
    Ok(Story { lines, calls: calls::calls(to, &sale, &busiest) })
}

fn told(what: &str, report: &replay::Report) -> Vec<String> {
    let value: Vec<String> = report
        .value_minor
        .iter()
        .filter_map(|(code, minor)| {
            Some(kernel::Money::new(kernel::Currency::parse(code)?, *minor).to_string())
        })
        .collect();
    let (orders, lines, units) = (report.orders, report.lines, report.units);
    let mut told = vec![
        format!(
            "Replayed {what}: {orders} orders, {lines} lines, {units} units, {}: paid, shipped, delivered.",
            value.join(", ")
        ),
        format!(
            "{} of them placed now, {:.0} orders per second from placing to delivery.",
            report.placed, report.orders_per_second
        ),
    ];
    if report.placed == 0 {
        told[1] = "They were here already: the same keys, so nothing was sold twice.".to_owned();
    }
    told.extend(report.differences.iter().take(5).map(|difference| format!("Differs: {difference}")));
    told
}

#[cfg(test)]
mod tests;
