//! The work on one operation whose lease is held: the provider's call, and what came of it.

use kernel::id::OperationId;
use kernel::{Reason, Refusal};
use platform::group_commit::Permit;

use super::apply::{Applied, Apply};
use super::begin::{Begin, Begun};
use super::resume::{Named, resolve};
use super::{Answer, CaptureRequest, Captured, call};
use crate::domain::attempt::Attempt;
use crate::domain::evidence::Evidence;
use crate::domain::{Payment, refusals};
use crate::payments::Shared;
use crate::store::{leases, reads};

/// Runs one capture from its key to its answer. In a task of its own, so that a caller who hangs up takes nothing along.
pub(crate) async fn capture(
    shared: &Shared,
    request: CaptureRequest,
    permit: Permit,
    deadline: platform::group_commit::Deadline,
) -> Answer {
    let (merchant_id, payment_id) = (request.merchant_id, request.payment_id);
    let command = Begin::new(request);
    let (scope, key) = command.key();
    let (scope, key) = (scope.clone(), key.clone());
    let named = |operation_id| Named { merchant_id, payment_id, operation_id, scope: &scope, key: &key };
    // Before TX1: from its COMMIT on, whoever comes with the same key waits here for the outcome.
    let work = shared.running.enter(command.operation_id());
    let minted = command.operation_id();
    let begun = shared.begin.submit_and_see(command, deadline).await?;
    match (begun.value, begun.replayed) {
        (Begun::Started(attempt), false) => {
            let Some(answer) = carry_out(shared, &attempt, permit).await else {
                drop(work);
                return resolve(shared, &named(minted), deadline, false).await;
            };
            if let Some(work) = work {
                work.ended(&answer);
            }
            answer
        }
        (Begun::Started(attempt), true) => {
            drop(permit);
            resolve(shared, &named(attempt.operation_id), deadline, true).await
        }
        (Begun::Open(operation_id) | Begun::Done(operation_id), replayed) => {
            drop(permit);
            resolve(shared, &named(operation_id), deadline, replayed).await
        }
    }
}

/// Asks the provider and applies what it says; `None` when somebody else has the outcome, or will have it.
pub(crate) async fn carry_out(shared: &Shared, attempt: &Attempt, permit: Permit) -> Option<Answer> {
    let evidence =
        call::ask(shared.provider.as_ref(), attempt, shared.clock.now(), shared.limits.call_max).await;
    let command = Apply { attempt: attempt.clone(), evidence: evidence.clone() };
    match shared.apply.submit_reserved(permit, command).await {
        Ok(done) => match done.value {
            Applied::Succeeded(payment) => Some(Ok(captured(shared, *payment, attempt.operation_id).await)),
            Applied::Refused(refusal) => Some(Err(refusal)),
            Applied::Already | Applied::LostLease => None,
        },
        Err(refusal) => Some(Err(not_applied(shared, attempt, &evidence, &refusal).await)),
    }
}

/// The answer of a capture that has just happened. Its operations are read; should that fail, it has happened all the
/// same and is told without them.
async fn captured(shared: &Shared, payment: Payment, operation_id: OperationId) -> Captured {
    let read = async {
        let mut reader = shared.database.read().await?;
        reads::payment(&mut reader, payment.merchant_id, payment.payment_id).await
    };
    let payment = match read.await {
        Ok(Some(read)) => read,
        Ok(None) | Err(_) => payment,
    };
    Captured { payment, operation_id, replayed: false }
}

/// An outcome that could not be written. A defect would meet it again at every attempt, so the operation is left to a
/// person; anything else is tried again by the recovery worker, with the same key at the provider.
async fn not_applied(shared: &Shared, attempt: &Attempt, evidence: &Evidence, refusal: &Refusal) -> Refusal {
    let (payment, operation) = (attempt.payment_id, attempt.operation_id);
    tracing::error!(%operation, %payment, evidence = ?evidence, refusal = %refusal, "an outcome could not be applied");
    if refusal.reason != Reason::Internal {
        return refusals::outcome_unknown(payment, operation);
    }
    let why = match evidence {
        Evidence::Moved { amount, .. } => format!("not_applied: provider_moved {amount}"),
        _ => "not_applied".to_owned(),
    };
    let key = (operation, attempt.merchant_id);
    let reference = evidence.reference().unwrap_or_default();
    match leases::park(&shared.database, key, shared.clock.now(), reference, &why).await {
        Ok(()) => refusals::under_review(payment, operation),
        Err(error) => {
            tracing::error!(%operation, error = %error, "an operation could not be parked");
            refusals::outcome_unknown(payment, operation)
        }
    }
}
