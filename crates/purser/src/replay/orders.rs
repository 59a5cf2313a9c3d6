//! The order phase: all invoices, a bounded number at a time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::error::ReplayError;
use super::invoice::{Outcome, Run};
use super::plan::Plan;
use super::prepare::Ids;
use super::progress::Progress;
use super::service::Service;

/// What the order phase came to.
#[derive(Default)]
pub struct Driven {
    /// The order that stands for each invoice, by its place in the plan; `None` when there is none.
    pub order_ids: Vec<Option<String>>,
    /// Orders that this run placed.
    pub placed: u64,
    /// Invoices that did not get to DELIVERED, by reason.
    pub refused: BTreeMap<String, u64>,
    /// The first refusal of each reason, for people.
    pub examples: BTreeMap<String, String>,
    /// How long it took.
    pub took: Duration,
}

/// Drives every invoice of the plan to DELIVERED, `concurrency` at a time.
///
/// # Errors
/// What ends the whole replay; the invoices that were under way are taken up again by the next run.
pub async fn drive(
    service: &Arc<Service>,
    plan: &Arc<Plan>,
    ids: &Arc<Ids>,
    progress: &Arc<Progress>,
    concurrency: usize,
) -> Result<Driven, ReplayError> {
    progress.phase("orders", plan.orders.len());
    let (began, clock) = (kernel::Clock::default().wall(), Instant::now());
    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = JoinSet::new();
    for _ in 0..concurrency.clamp(1, plan.orders.len().max(1)) {
        let (service, plan, ids) = (Arc::clone(service), Arc::clone(plan), Arc::clone(ids));
        let (progress, next) = (Arc::clone(progress), Arc::clone(&next));
        workers.spawn(async move {
            let run = Run { service: &service, plan: &plan, ids: &ids, began };
            let mut done = Vec::new();
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some(planned) = plan.orders.get(place) else { return Ok(done) };
                done.push((place, run.deliver(planned).await?));
                progress.advance(1);
            }
        });
    }
    let mut driven = Driven { order_ids: vec![None; plan.orders.len()], ..Driven::default() };
    // Dropping the set on an error ends the other workers where they stand.
    while let Some(worker) = workers.join_next().await {
        let done: Vec<(usize, Outcome)> = match worker {
            Ok(done) => done?,
            Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
        };
        for (place, outcome) in done {
            driven.add(plan, place, outcome);
        }
    }
    driven.took = clock.elapsed();
    Ok(driven)
}

impl Driven {
    fn add(&mut self, plan: &Plan, place: usize, outcome: Outcome) {
        self.placed += outcome.placed;
        self.order_ids[place] = outcome.order_id;
        let Some(refused) = outcome.refused else { return };
        let example = || format!("invoice {}: {}", plan.orders[place].invoice, refused.message);
        self.examples.entry(refused.reason.clone()).or_insert_with(example);
        *self.refused.entry(refused.reason).or_default() += 1;
    }
}
