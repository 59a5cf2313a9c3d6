//! The provider's call, between the two transactions.

use std::time::Duration;

use kernel::Timestamp;

use crate::domain::attempt::Attempt;
use crate::domain::evidence::Evidence;
use crate::provider::{self, Outcome, Provider};

/// After the adapter's own deadline, before it is not waited for any longer.
const GRACE: Duration = Duration::from_secs(2);

/// Asks the provider, unless it may have forgotten the operation's key: then asking could move the money twice.
pub(crate) async fn ask(
    provider: &dyn Provider,
    attempt: &Attempt,
    now: Timestamp,
    deadline: Duration,
) -> Evidence {
    if now - attempt.created_time >= provider.key_window() {
        return Evidence::KeyExpired;
    }
    let request = provider::CaptureRequest {
        provider_key: attempt.provider_key.clone(),
        amount: attempt.amount,
        method_token: attempt.method_token.clone(),
        merchant_id: attempt.merchant_id,
        order_id: attempt.order_id,
        payment_id: attempt.payment_id,
        operation_id: attempt.operation_id,
        deadline,
    };
    let answer = tokio::time::timeout(deadline + GRACE, provider.capture(request)).await;
    let outcome = answer.unwrap_or_else(|_| Outcome::Ambiguous { detail: "no answer in time".to_owned() });
    tracing::debug!(operation = %attempt.operation_id, outcome = ?outcome, "the provider was asked");
    evidence(outcome)
}

/// The provider's word in this context's terms.
fn evidence(outcome: Outcome) -> Evidence {
    match outcome {
        Outcome::Succeeded { provider_reference, amount } => {
            Evidence::Moved { reference: provider_reference, amount }
        }
        Outcome::Declined { category, code, advice, provider_reference } => Evidence::Declined {
            category,
            code,
            reference: provider_reference.unwrap_or_default(),
            advice: advice.name(),
        },
        // The provider found fault with the request itself: no money will ever move for it, whatever the payer does.
        Outcome::Rejected { code, .. } => Evidence::Declined {
            category: "rejected".to_owned(),
            code,
            reference: String::new(),
            advice: provider::Advice::OtherMethod.name(),
        },
        Outcome::Throttled { retry_after } => {
            Evidence::NotExecuted { throttled: true, retry_after: Some(retry_after) }
        }
        Outcome::NotSent { .. } => Evidence::NotExecuted { throttled: false, retry_after: None },
        Outcome::Ambiguous { .. } => Evidence::Ambiguous,
    }
}
