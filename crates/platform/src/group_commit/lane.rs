//! One lane: takes what is waiting, runs it, and settles what went wrong without holding up the rest.

use std::sync::Arc;
use std::time::Duration;

use kernel::{Reason, Refusal};
use rand::Rng;
use tokio::time::Instant;
use tracing::Instrument;

use super::batch;
use super::queue::{Bound, Job, Queue};
use super::submit::{Shared, too_late};
use super::{Command, Done, Kind, Limits, Verdict};
use crate::db::{DbError, Locking, Trouble};
use crate::{idempotency, months};

/// What a lane is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    /// Takes what its merchants send.
    Ordinary(usize),
    /// Takes commands that are heavier than a batch, each alone.
    Heavy,
    /// Takes commands whose rows or keys are locked elsewhere, one merchant per batch, and waits longer for them.
    Slow,
}

// Runs after a serialization failure or a deadlock, before the caller is told.
const CONFLICT_RUNS: u32 = 3;

// How long a batch is run again after its connection was lost, for callers without a deadline.
const LOST_MAX: Duration = Duration::from_secs(60);

pub(super) async fn run<K: Kind>(shared: Arc<Shared<K>>, role: Role) {
    let mut lines = shared.limits.batch_lines;
    loop {
        let (queue, bound): (&Queue<K>, Bound) = match role {
            Role::Ordinary(lane) => (
                &shared.ordinary[lane],
                Bound { commands: shared.limits.batch_commands, lines, one_merchant: false },
            ),
            Role::Heavy => (&shared.heavy, Bound { commands: 1, lines: usize::MAX, one_merchant: true }),
            Role::Slow => (&shared.slow, Bound { commands: 32, lines: 512, one_merchant: true }),
        };
        let Some(jobs) = queue.take(bound).await else { return };
        let jobs = drop_late(&shared, jobs);
        if jobs.is_empty() {
            continue;
        }
        let weight: usize = jobs.iter().map(|job| job.command.lines()).sum();
        let began = Instant::now();
        let locking = if role == Role::Slow { Locking::WaitLong } else { Locking::Wait };
        settle(Arc::clone(&shared), jobs, locking).await;
        lines = adapt(lines, weight, began.elapsed(), &shared.limits);
    }
}

/// Drops the commands whose callers have given up; their first transaction has not begun.
fn drop_late<K: Kind>(shared: &Shared<K>, jobs: Vec<Job<K>>) -> Vec<Job<K>> {
    let now = Instant::now();
    let (late, timely): (Vec<_>, Vec<_>) =
        jobs.into_iter().partition(|job| job.deadline.is_some_and(|deadline| deadline <= now));
    for job in late {
        shared.answer(job, Err(too_late()));
    }
    timely
}

/// Fewer lines after a slow batch, more after a fast full one, so that a batch takes about the target time. Never less than
/// half of the start: below that a batch's time is its waits (locks, the flush of the log), which fewer lines do not shorten.
/// Measured on real orders of 24 lines: with a floor of 64 lines a busy machine ended up with 2.7 orders in a batch.
fn adapt(lines: usize, weight: usize, took: Duration, limits: &Limits) -> usize {
    let floor = limits.batch_lines / 2;
    if took > limits.target + limits.target / 4 && weight > floor {
        (lines * 3 / 4).max(floor)
    } else if took < limits.target && weight * 4 >= lines * 3 {
        (lines * 5 / 4).min(4_096)
    } else {
        lines
    }
}

/// Runs a batch until every command of it is answered, is on its way to the slow lane, or is looked for by bisection.
pub(super) async fn settle<K: Kind>(shared: Arc<Shared<K>>, mut jobs: Vec<Job<K>>, mut locking: Locking) {
    let mut conflicts = 0;
    let mut repairs = 0;
    let lost_until = Instant::now() + LOST_MAX;
    loop {
        let commands: Vec<Arc<K::Command>> = jobs.iter().map(|job| Arc::clone(&job.command)).collect();
        let error = match shared.transact(&commands, locking).instrument(batch::span(&jobs)).await {
            Ok(verdicts) => return deliver(&shared, jobs, verdicts),
            Err(error) => error,
        };
        shared.metrics.trouble(&error);
        match error.trouble() {
            Trouble::Conflict if conflicts < CONFLICT_RUNS => {
                conflicts += 1;
                pause(conflicts).await;
            }
            Trouble::Conflict => return refuse(&shared, jobs, &conflict()),
            Trouble::Lost | Trouble::Busy => {
                tracing::warn!(kind = K::NAME, error = %error, "batch is run again on a new connection");
                jobs = drop_late(&shared, jobs);
                let endless = jobs.iter().any(|job| job.deadline.is_none());
                if jobs.is_empty() {
                    return;
                }
                if !endless && Instant::now() >= lost_until {
                    return refuse(&shared, jobs, &Refusal::from(error));
                }
                pause(4).await;
            }
            Trouble::NoPartition if repairs < 3 => {
                repairs += 1;
                if let Err(error) = months::ensure(&shared.database, shared.clock.wall()).await {
                    tracing::warn!(error = %error, "partitions could not be made yet");
                }
                pause(repairs).await;
            }
            Trouble::StalePlan if repairs < 3 => {
                repairs += 1;
                shared.database.forget_plans();
            }
            Trouble::Locked => match locking {
                Locking::Wait => locking = Locking::Skip,
                Locking::Skip => return jobs.into_iter().for_each(|job| shared.slow.push(job)),
                Locking::WaitLong if jobs.len() > 1 => return apart(&shared, jobs, Locking::WaitLong).await,
                Locking::WaitLong => return refuse(&shared, jobs, &still_locked(&error)),
            },
            Trouble::Defect | Trouble::NoPartition | Trouble::StalePlan => {
                return look_for_culprit(&shared, jobs, locking, &error);
            }
        }
    }
}

fn deliver<K: Kind>(shared: &Shared<K>, jobs: Vec<Job<K>>, verdicts: Vec<Verdict<K::Value>>) {
    for (job, verdict) in jobs.into_iter().zip(verdicts) {
        match verdict {
            Verdict::Done(value) | Verdict::DoneBefore(value) => {
                shared.answer(job, Ok(Done { value, replayed: false }));
            }
            Verdict::Replayed(value) => shared.answer(job, Ok(Done { value, replayed: true })),
            Verdict::Refused(refusal) => shared.answer(job, Err(refusal)),
            Verdict::Busy => shared.slow.push(job),
        }
    }
}

fn refuse<K: Kind>(shared: &Shared<K>, jobs: Vec<Job<K>>, refusal: &Refusal) {
    for job in jobs {
        shared.answer(job, Err(refusal.clone()));
    }
}

fn conflict() -> Refusal {
    Refusal::new(
        Reason::TransactionConflict,
        "concurrent changes kept colliding; repeat the call with the same key",
    )
    .retry_after(Duration::from_millis(250))
}

fn still_locked(error: &DbError) -> Refusal {
    if idempotency::STATEMENTS.iter().any(|sql| sql.name == error.statement()) {
        idempotency::in_progress()
    } else {
        conflict()
    }
}

/// Runs each command by itself, so that one locked row holds up nobody else.
async fn apart<K: Kind>(shared: &Arc<Shared<K>>, jobs: Vec<Job<K>>, locking: Locking) {
    for job in jobs {
        Box::pin(settle(Arc::clone(shared), vec![job], locking)).await;
    }
}

/// A defect: found by halving on other connections, while the lane goes on; the culprit alone is refused.
fn look_for_culprit<K: Kind>(
    shared: &Arc<Shared<K>>,
    mut jobs: Vec<Job<K>>,
    locking: Locking,
    error: &DbError,
) {
    if jobs.len() <= 1 {
        tracing::error!(kind = K::NAME, error = %error, "a command failed by a defect");
        shared.metrics.defect();
        return refuse(shared, jobs, &shared.database.violation(error));
    }
    tracing::error!(kind = K::NAME, error = %error, commands = jobs.len(), "a batch failed by a defect; halving it");
    let second = jobs.split_off(jobs.len() / 2);
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        settle(Arc::clone(&shared), jobs, locking).await;
        settle(shared, second, locking).await;
    });
}

/// A short, jittered wait that grows with `step`.
async fn pause(step: u32) {
    let most = 5_u64 << step.min(6);
    let ms = rand::rng().random_range(1..=most);
    tokio::time::sleep(Duration::from_millis(ms)).await;
}
