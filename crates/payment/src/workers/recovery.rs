//! Finds out the outcomes that nobody is working on: their process died, or the provider gave no definite answer.
//!
//! A due operation's lease is taken in a short transaction of its own, then the provider is asked again with the same
//! key and the outcome is applied as any other. Captures only: nothing executes refunds yet.

use std::sync::Arc;

use platform::db::DbError;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::commands::capture::carry_out::carry_out;
use crate::payments::Payments;
use crate::store::leases;

/// Works until `stop`; operations under way go on in tasks that [`Payments::drain`] waits for.
pub async fn run(payments: Payments, stop: CancellationToken) {
    let limits = payments.0.limits;
    loop {
        let taken = match take_due(&payments).await {
            Ok(tasks) => tasks.len(),
            Err(error) => {
                tracing::warn!(error = %error, "operations that are due could not be taken");
                0
            }
        };
        // A full batch means that more is waiting.
        let pause =
            if taken < limits.recovery_batch { limits.recovery_interval } else { std::time::Duration::ZERO };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Takes what is due now, waits until all of it was asked for and applied, and tells how many operations that were.
///
/// # Errors
/// [`DbError`] when they could not be taken.
pub async fn run_once(payments: &Payments) -> Result<usize, DbError> {
    let tasks = take_due(payments).await?;
    let taken = tasks.len();
    for task in tasks {
        if let Err(error) = task.await {
            tracing::error!(error = %error, "a recovery was torn");
        }
    }
    Ok(taken)
}

/// Takes the leases of what is due and starts the work, no more than there are places for outcomes.
async fn take_due(payments: &Payments) -> Result<Vec<JoinHandle<()>>, DbError> {
    let shared = &payments.0;
    let mut permits: Vec<_> =
        std::iter::from_fn(|| shared.apply.reserve().ok()).take(shared.limits.recovery_batch).collect();
    if permits.is_empty() {
        return Ok(Vec::new());
    }
    let due = leases::claim_due(&shared.database, shared.lease_from_now(), permits.len()).await?;
    let mut tasks = Vec::with_capacity(due.len());
    for attempt in due {
        let Some(permit) = permits.pop() else { break };
        let shared = Arc::clone(shared);
        tasks.push(payments.0.tasks.spawn(async move {
            // Somebody in this process may still be at it; the provider's answer is the same for both.
            let work = shared.running.enter(attempt.operation_id);
            let answer = carry_out(&shared, &attempt, permit).await;
            if let (Some(work), Some(answer)) = (work, &answer) {
                work.ended(answer);
            }
        }));
    }
    Ok(tasks)
}
