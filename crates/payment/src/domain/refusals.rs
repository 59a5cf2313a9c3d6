//! What a capture is refused with.

use std::time::Duration;

use kernel::id::{OperationId, PaymentId};
use kernel::refusal::ShortLine;
use kernel::{Reason, Refusal};

use super::tally::Tally;

/// No such payment of this merchant.
#[must_use]
pub fn not_found(payment: PaymentId) -> Refusal {
    Refusal::not_found(Reason::PaymentNotFound, "payment", payment)
}

/// The payment's state does not allow a capture.
#[must_use]
pub fn payment_state(payment: &Tally) -> Refusal {
    let state = payment.state.as_str();
    Refusal::new(Reason::PaymentStateInvalid, format!("a payment in state {state} cannot be captured"))
        .about("payment", payment.payment_id)
        .with("state", state)
        .with("allowed", "PENDING, DECLINED")
}

/// The order takes no money any more.
#[must_use]
pub fn order_state(payment: &Tally, state: &str) -> Refusal {
    Refusal::new(Reason::PaymentStateInvalid, format!("its order is {state} and takes no money"))
        .about("payment", payment.payment_id)
        .with("state", payment.state.as_str())
        .with("order_id", payment.order_id)
        .with("order_state", state)
}

/// Nothing is left to capture.
#[must_use]
pub fn exceeds_capturable(payment: &Tally) -> Refusal {
    Refusal::new(Reason::AmountExceedsCapturable, "nothing is left to capture")
        .about("payment", payment.payment_id)
        .with("available_minor", payment.open().max(0))
        .with("currency", payment.currency)
}

/// The order's hold ran out and its stock is gone.
#[must_use]
pub fn reservation_expired(payment: &Tally, short: Vec<ShortLine>) -> Refusal {
    Refusal::new(
        Reason::ReservationExpired,
        "the order's reservation ran out and its stock was sold; no money was taken",
    )
    .about("order", payment.order_id)
    .with("payment_id", payment.payment_id)
    .short_of(short)
}

/// Another operation of the payment is in flight.
#[must_use]
pub fn operation_pending(payment: PaymentId, blocking: OperationId) -> Refusal {
    Refusal::new(
        Reason::OperationPending,
        "another operation of this payment has no outcome yet; try again later",
    )
    .about("payment", payment)
    .with("operation_id", blocking)
    .retry_after(Duration::from_secs(1))
}

/// The provider declined.
#[must_use]
pub fn declined(payment: PaymentId, operation: OperationId, category: &str, advice: &str) -> Refusal {
    Refusal::new(Reason::PaymentDeclined, "the provider declined; a new attempt takes a new idempotency key")
        .about("payment", payment)
        .with("payment_id", payment)
        .with("operation_id", operation)
        .with("category", category)
        .with("advice", advice)
        .with("retry_with_new_key", true)
}

/// It is not known whether the money moved.
#[must_use]
pub fn outcome_unknown(payment: PaymentId, operation: OperationId) -> Refusal {
    Refusal::new(
        Reason::PaymentOutcomeUnknown,
        "it is not known yet whether the money moved; repeat the call with the same idempotency key",
    )
    .about("payment", payment)
    .with("payment_id", payment)
    .with("operation_id", operation)
    .with("safe_retry", "same_key")
    .retry_after(Duration::from_secs(2))
}

/// The provider could not be reached, or asked to slow down; this attempt moved nothing.
#[must_use]
pub fn not_executed(
    payment: PaymentId,
    operation: OperationId,
    throttled: bool,
    retry_after: Option<Duration>,
) -> Refusal {
    let (reason, message) = if throttled {
        (
            Reason::ProviderThrottled,
            "the payment provider asks to slow down; repeat the call with the same idempotency key",
        )
    } else {
        (
            Reason::ProviderUnavailable,
            "the payment provider cannot be reached; repeat the call with the same idempotency key",
        )
    };
    Refusal::new(reason, message)
        .about("payment", payment)
        .with("payment_id", payment)
        .with("operation_id", operation)
        .with("safe_retry", "same_key")
        .retry_after(retry_after.unwrap_or(Duration::from_secs(2)))
}

/// A person has to look at the operation.
#[must_use]
pub fn under_review(payment: PaymentId, operation: OperationId) -> Refusal {
    Refusal::new(
        Reason::PaymentUnderReview,
        "what the provider did does not fit what was asked; a person has to look before anything else happens",
    )
    .about("payment", payment)
    .with("payment_id", payment)
    .with("operation_id", operation)
}

/// The work was torn by a defect; it is not known how far it went.
#[must_use]
pub fn torn(payment: PaymentId) -> Refusal {
    Refusal::new(
        Reason::PaymentOutcomeUnknown,
        "it is not known yet whether the money moved; repeat the call with the same idempotency key",
    )
    .about("payment", payment)
    .with("payment_id", payment)
    .with("safe_retry", "same_key")
    .retry_after(Duration::from_secs(2))
}
