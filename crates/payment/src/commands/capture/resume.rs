//! A key that was used before: its operation's outcome is heard, waited for, or found out.

use std::time::Duration;

use kernel::id::{OperationId, PaymentId};
use kernel::{IdempotencyKey, MerchantId, Refusal};
use platform::db::DbError;
use platform::group_commit::Deadline;
use platform::idempotency::{self, Outcome, Scope};
use tokio::time::Instant;

use super::carry_out::carry_out;
use super::{Answer, Captured};
use crate::domain::{operation, refusals};
use crate::payments::Shared;
use crate::store::leases;
use crate::store::reads;

const PAUSE_FIRST: Duration = Duration::from_millis(20);
const PAUSE_MAX: Duration = Duration::from_millis(250);

/// An operation and the key that names it.
pub(crate) struct Named<'a> {
    pub merchant_id: MerchantId,
    pub payment_id: PaymentId,
    pub operation_id: OperationId,
    pub scope: &'a Scope,
    pub key: &'a IdempotencyKey,
}

/// The answer of an operation that an earlier request began. `replayed` is false for that very request, when it has to
/// look its own outcome up.
pub(crate) async fn resolve(
    shared: &Shared,
    named: &Named<'_>,
    deadline: Deadline,
    replayed: bool,
) -> Answer {
    let patience = patience(shared, deadline);
    let until = Instant::now() + patience;
    let mut pause = PAUSE_FIRST;
    loop {
        if let Some(answer) = shared.running.attach(named.operation_id).await {
            return as_told(answer, replayed);
        }
        match known(shared, named, replayed).await? {
            Known::Definite(answer) => return answer,
            Known::Waiting => {}
            Known::Abandoned => {
                if let Some(answer) = take_over(shared, named).await? {
                    return as_told(answer, replayed);
                }
            }
        }
        if Instant::now() + pause > until {
            return Err(idempotency::in_progress().with("operation_id", named.operation_id));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

fn patience(shared: &Shared, deadline: Deadline) -> Duration {
    let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()) / 2);
    left.unwrap_or(shared.limits.wait_max).min(shared.limits.wait_max)
}

/// What the database says about a key.
enum Known {
    /// What its callers are told; a person's turn is definite enough.
    Definite(Answer),
    /// Nothing yet, and somebody works on it.
    Waiting,
    /// Nothing yet, and whoever worked on it is gone.
    Abandoned,
}

async fn known(shared: &Shared, named: &Named<'_>, replayed: bool) -> Result<Known, Refusal> {
    let mut reader = shared.database.read().await?;
    let found = idempotency::find(&mut reader, named.scope, named.key).await?;
    let (payment_id, operation_id) = (named.payment_id, named.operation_id);
    let Some((_, earlier)) = found.filter(|(_, earlier)| earlier.resource_id == operation_id.uuid()) else {
        // Given up meanwhile: nothing was ever sent, and the key may be used again.
        return Ok(Known::Definite(Err(refusals::not_executed(payment_id, operation_id, false, None))));
    };
    Ok(match earlier.outcome {
        Outcome::Done => {
            let payment = reads::payment(&mut reader, named.merchant_id, payment_id).await?;
            let payment = payment.ok_or_else(|| refusals::not_found(payment_id))?;
            Known::Definite(Ok(Captured { payment, operation_id, replayed }))
        }
        Outcome::Refused(refusal) => {
            Known::Definite(Err(if replayed { refusal.replayed() } else { *refusal }))
        }
        Outcome::Open => {
            let standing = reads::standing(&mut reader, named.merchant_id, operation_id).await?;
            let lease_until = standing.and_then(|standing| standing.lease_until);
            if standing.is_some_and(|standing| standing.state == operation::State::Review) {
                Known::Definite(Err(refusals::under_review(payment_id, operation_id)))
            } else if lease_until.is_some_and(|until| until <= shared.clock.now()) {
                Known::Abandoned
            } else {
                Known::Waiting
            }
        }
    })
}

/// Works on the operation, if nobody was faster.
async fn take_over(shared: &Shared, named: &Named<'_>) -> Result<Option<Answer>, Refusal> {
    let Some(work) = shared.running.enter(named.operation_id) else { return Ok(None) };
    let permit = shared.apply.reserve()?;
    let key = (named.operation_id, named.merchant_id);
    let taken = leases::take(&shared.database, key, shared.lease_from_now()).await;
    let attempt = match taken {
        Ok(Some(attempt)) => attempt,
        // Somebody's lease, or one that is being taken this very moment.
        Ok(None) => return Ok(None),
        Err(error) => return not_taken(error),
    };
    let answer = carry_out(shared, &attempt, permit).await;
    if let Some(answer) = &answer {
        work.ended(answer);
    }
    Ok(answer)
}

fn not_taken(error: DbError) -> Result<Option<Answer>, Refusal> {
    match error.trouble() {
        platform::db::Trouble::Locked | platform::db::Trouble::Conflict => Ok(None),
        _ => Err(error.into()),
    }
}

/// An answer as somebody else than its first caller is told it; an indefinite one stays indefinite.
fn as_told(answer: Answer, replayed: bool) -> Answer {
    match answer {
        Ok(captured) => Ok(Captured { replayed, ..captured }),
        Err(refusal) if replayed && !refusal.reason.is_retryable() => Err(refusal.replayed()),
        Err(refusal) => Err(refusal),
    }
}
