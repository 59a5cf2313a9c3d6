//! What a piece of evidence makes of an operation and its payment. Money that moved is booked whatever else holds;
//! an unknown outcome never becomes a failure.

use std::time::Duration;

use kernel::{Money, Reason, Refusal, Timestamp};
use uuid::Uuid;

use super::attempt::{Lease, OpenOperation};
use super::evidence::Evidence;
use super::operation::State;
use super::refusals;
use super::tally::Tally;
use crate::orders::Standing;

/// When the recovery worker looks again after so many attempts, in seconds.
const CHECKS: [i64; 8] = [5, 15, 60, 5 * 60, 30 * 60, 2 * 3_600, 6 * 3_600, 23 * 3_600];

/// After so many attempts, none of which reached the provider, an operation is given up: nothing moved, the hold is
/// unpinned and the key is free again, so the same key may still succeed as a new operation. The checks before it take
/// 80 seconds by the worker alone; callers who repeat shorten that.
pub const GIVE_UP: i32 = 4;

/// Never looked at again by the worker, but still in flight: its order is neither expired nor cancelled.
pub const NEVER: Timestamp = time::macros::datetime!(9999-12-31 00:00 UTC);

/// Whose a provider's reference is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reference {
    /// This operation's, now or from an earlier run.
    Ours,
    /// Another operation's.
    Others,
    /// None was given.
    None,
}

/// What becomes of the caller's key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Key {
    /// It stays as it is.
    Stays,
    /// Success, for ever.
    Done,
    /// Refused, for ever.
    Refused(Refusal),
    /// As if it had never been used.
    Freed,
}

/// What one command changed, besides the operation and the tally that it was given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Effect {
    /// What the caller is told; `None` for success.
    pub answer: Option<Refusal>,
    /// What becomes of the key.
    pub key: Key,
    /// What the order is told: minor units newly captured.
    pub settled: Option<i64>,
    /// Minor units to give back by themselves, because the order takes no money any more.
    pub refund: Option<i64>,
}

/// What became of a command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Settlement {
    /// It changed the operation.
    Changed(Box<Effect>),
    /// The outcome was known before: nothing is done.
    Already,
    /// Somebody else holds the lease now: nothing is done.
    LostLease,
}

/// Applies evidence to a locked operation and its locked payment.
pub fn settle(
    operation: &mut OpenOperation,
    payment: &mut Tally,
    standing: Standing,
    evidence: &Evidence,
    reference: Reference,
    lease_token: Uuid,
    now: Timestamp,
) -> Settlement {
    let moved = matches!(evidence, Evidence::Moved { .. });
    match operation.state {
        State::Succeeded | State::Review => return Settlement::Already,
        // Evidence of money after a failure: the fact is booked, and a person has to look.
        State::Failed if !moved => return Settlement::Already,
        State::Failed | State::Submitted | State::Pending | State::Unknown => {}
    }
    // Fencing: without the lease nothing is concluded, except from money that moved.
    if !moved && operation.lease.is_none_or(|lease| lease.token != lease_token) {
        return Settlement::LostLease;
    }
    let effect = match evidence {
        Evidence::Moved { reference: text, amount } => {
            money_moved(operation, payment, standing, text, *amount, reference, now)
        }
        Evidence::Declined { category, code, reference: attempt, advice } => {
            let refusal = refusals::declined(operation.payment_id, operation.operation_id, category, advice)
                .with("decline_code", code);
            attempt.clone_into(&mut operation.provider_reference);
            operation.failure_category.clone_from(category);
            decline(operation, payment, standing, refusal, now)
        }
        Evidence::Ambiguous => {
            operation.state = State::Unknown;
            release_lease(operation, now, None);
            open(refusals::outcome_unknown(operation.payment_id, operation.operation_id))
        }
        Evidence::NotExecuted { throttled, retry_after } => {
            not_executed(operation, payment, standing, *throttled, *retry_after, now)
        }
        Evidence::KeyExpired => review(operation, "provider_key_expired", now),
    };
    Settlement::Changed(Box::new(effect))
}

/// Money moved: booked, unless it is another operation's or cannot be booked in this payment's currency.
fn money_moved(
    operation: &mut OpenOperation,
    payment: &mut Tally,
    standing: Standing,
    text: &str,
    amount: Money,
    reference: Reference,
    now: Timestamp,
) -> Effect {
    if reference == Reference::Others {
        return review(operation, "provider_reference_taken", now);
    }
    text.clone_into(&mut operation.provider_reference);
    if amount.currency != operation.amount.currency || amount.minor <= 0 {
        return review(operation, &format!("provider_moved {amount}"), now);
    }
    book(operation, payment, standing, amount.minor, now)
}

fn decline(
    operation: &mut OpenOperation,
    payment: &mut Tally,
    standing: Standing,
    refusal: Refusal,
    now: Timestamp,
) -> Effect {
    payment.release_capture(operation.amount.minor, true);
    end(operation, State::Failed, now);
    refusal.reason.as_str().clone_into(&mut operation.failure_reason);
    let settled = (standing == Standing::Open).then_some(0);
    Effect { answer: Some(refusal.clone()), key: Key::Refused(refusal), settled, refund: None }
}

/// Books money that moved. Another amount than was asked for is booked as well, and a person has to look.
fn book(
    operation: &mut OpenOperation,
    payment: &mut Tally,
    standing: Standing,
    moved: i64,
    now: Timestamp,
) -> Effect {
    let failed_before = operation.state == State::Failed;
    let pending = if failed_before { 0 } else { operation.amount.minor };
    payment.capture(moved, pending);
    let as_asked = moved == operation.amount.minor && !failed_before;
    let (answer, key) = if as_asked {
        end(operation, State::Succeeded, now);
        (None, Key::Done)
    } else {
        let refusal = refusals::under_review(operation.payment_id, operation.operation_id);
        operation.state = State::Review;
        operation.ended_time = None;
        operation.lease = None;
        let what = if failed_before { "late_success" } else { "amount_differs" };
        mark(operation, &format!("{what} {moved}"));
        (Some(refusal.clone()), if failed_before { Key::Stays } else { Key::Refused(refusal) })
    };
    let refund = (standing != Standing::Open).then_some(moved);
    if let Some(amount) = refund {
        payment.begin_refund(amount);
    }
    let settled = (standing != Standing::Missing).then_some(moved);
    Effect { answer, key, settled, refund }
}

fn not_executed(
    operation: &mut OpenOperation,
    payment: &mut Tally,
    standing: Standing,
    throttled: bool,
    retry_after: Option<Duration>,
    now: Timestamp,
) -> Effect {
    let answer = refusals::not_executed(operation.payment_id, operation.operation_id, throttled, retry_after);
    // A lease that has ended was counted before: this transaction runs again after a COMMIT that went through unheard.
    if let Some(lease) = operation.lease.as_mut().filter(|lease| lease.until > now) {
        lease.unexecuted += 1;
    }
    // Every single attempt is known not to have been executed: one that a crash swallowed is not.
    let never_sent =
        operation.lease.is_some_and(|lease| lease.attempts >= GIVE_UP && lease.unexecuted >= lease.attempts);
    if operation.state == State::Submitted && never_sent {
        payment.release_capture(operation.amount.minor, false);
        end(operation, State::Failed, now);
        answer.reason.as_str().clone_into(&mut operation.failure_reason);
        "not_sent".clone_into(&mut operation.failure_category);
        let settled = (standing == Standing::Open).then_some(0);
        return Effect { answer: Some(answer), key: Key::Freed, settled, refund: None };
    }
    release_lease(operation, now, retry_after);
    open(answer)
}

const fn open(answer: Refusal) -> Effect {
    Effect { answer: Some(answer), key: Key::Stays, settled: None, refund: None }
}

/// The outcome stays unknown and nobody asks again: a person decides. What was set aside stays so, and the operation
/// stays in flight, so that its order is spared.
fn review(operation: &mut OpenOperation, what: &str, now: Timestamp) -> Effect {
    operation.state = State::Review;
    operation.ended_time = None;
    mark(operation, what);
    if let Some(lease) = &mut operation.lease {
        lease.until = now;
        lease.next_check_at = NEVER;
    }
    open(refusals::under_review(operation.payment_id, operation.operation_id))
}

fn mark(operation: &mut OpenOperation, what: &str) {
    Reason::PaymentUnderReview.as_str().clone_into(&mut operation.failure_reason);
    what.clone_into(&mut operation.failure_category);
}

fn end(operation: &mut OpenOperation, state: State, now: Timestamp) {
    operation.state = state;
    operation.ended_time = Some(now);
    operation.lease = None;
}

fn release_lease(operation: &mut OpenOperation, now: Timestamp, at_least: Option<Duration>) {
    if let Some(lease) = &mut operation.lease {
        let after =
            next_check(lease).max(time::Duration::try_from(at_least.unwrap_or_default()).unwrap_or_default());
        lease.until = now;
        lease.next_check_at = now + after;
    }
}

fn next_check(lease: &Lease) -> time::Duration {
    let place = usize::try_from(lease.attempts - 1).unwrap_or_default().min(CHECKS.len() - 1);
    time::Duration::seconds(CHECKS[place])
}

#[cfg(test)]
mod tests;
