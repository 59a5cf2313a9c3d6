//! What an answer of Stripe proves. Pure: status, headers and body in, outcome out.

use std::time::Duration;

use kernel::Currency;
use serde::Deserialize;

use super::{decline, units};
use crate::provider::Outcome;

/// When a throttled answer does not say how long to wait.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The longest message of the provider that is kept, in characters.
const MESSAGE_MAX: usize = 500;

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    pub(super) replayed: bool,
    pub(super) request_id: String,
    pub(super) body: Vec<u8>,
}

#[derive(Deserialize)]
struct Intent {
    id: String,
    status: String,
    amount_received: i64,
    currency: String,
}

#[derive(Deserialize)]
struct Failure {
    error: FailureDetail,
}

#[derive(Deserialize)]
struct FailureDetail {
    #[serde(rename = "type")]
    kind: String,
    code: Option<String>,
    decline_code: Option<String>,
    message: Option<String>,
    payment_intent: Option<Reference>,
}

#[derive(Deserialize)]
struct Reference {
    id: String,
}

impl Answer {
    pub(super) fn outcome(&self) -> Outcome {
        match self.status {
            200..=299 => self.executed(),
            // Refused before keys are looked at, so an earlier call with this key may have been executed.
            401 | 403 => Outcome::NotSent { detail: self.detail("the provider refused our credential") },
            // The key is in use: an earlier call with it is still running.
            409 => self.ambiguous("an earlier call with this key is still running"),
            429 => Outcome::Throttled { retry_after: self.retry_after.unwrap_or(RETRY_AFTER) },
            400..=499 => self.refused(),
            500..=599 if self.replayed => {
                self.ambiguous("the provider failed, and keeps this failure as the key's result")
            }
            500..=599 => self.ambiguous("the provider failed"),
            _ => self.ambiguous("unexpected status"),
        }
    }

    /// Where this answer came from, for details.
    pub(super) fn source(&self) -> String {
        format!("status {} of request {:?}", self.status, self.request_id)
    }

    fn executed(&self) -> Outcome {
        let Ok(intent) = serde_json::from_slice::<Intent>(&self.body) else {
            return self.ambiguous("the body is no payment intent");
        };
        if intent.status != "succeeded" {
            return self.ambiguous(&format!("payment intent {} is {:?}", intent.id, intent.status));
        }
        let currency = Currency::parse(&intent.currency.to_ascii_uppercase());
        match currency.and_then(|currency| units::from_wire(currency, intent.amount_received)) {
            Some(amount) => Outcome::Succeeded { provider_reference: intent.id, amount },
            None => {
                let Intent { id, amount_received, currency, .. } = intent;
                self.ambiguous(&format!(
                    "payment intent {id} moved {amount_received} {currency:?}: what is that?"
                ))
            }
        }
    }

    fn refused(&self) -> Outcome {
        let Ok(Failure { error }) = serde_json::from_slice(&self.body) else {
            return self.ambiguous("the body is no error of the provider");
        };
        match error.kind.as_str() {
            "card_error" => declined(error),
            "invalid_request_error" => Outcome::Rejected {
                code: error.code.unwrap_or(error.kind),
                message: error.message.unwrap_or_default().chars().take(MESSAGE_MAX).collect(),
            },
            // What the key's first call did, with other parameters, is not in this answer.
            "idempotency_error" => self.ambiguous("the key was used with other parameters"),
            kind => self.ambiguous(&format!("unexpected error type {kind:?}")),
        }
    }

    fn ambiguous(&self, what: &str) -> Outcome {
        Outcome::Ambiguous { detail: self.detail(what) }
    }

    fn detail(&self, what: &str) -> String {
        format!("{}: {what}", self.source())
    }
}

fn declined(error: FailureDetail) -> Outcome {
    let code = error.code.unwrap_or(error.kind);
    let decline::Meaning { category, advice } = decline::meaning(&code, error.decline_code.as_deref());
    Outcome::Declined {
        category: category.to_owned(),
        code: error.decline_code.unwrap_or(code),
        advice,
        provider_reference: error.payment_intent.map(|intent| intent.id),
    }
}

#[cfg(test)]
mod tests {
    use kernel::Money;

    use super::*;

    fn outcome(status: u16, body: &str) -> Outcome {
        let body = body.as_bytes().to_vec();
        Answer { status, retry_after: None, replayed: false, request_id: "req_1".to_owned(), body }.outcome()
    }

    fn error(kind: &str) -> String {
        format!(r#"{{"error":{{"type":"{kind}","code":"c","message":"m"}}}}"#)
    }

    fn is_ambiguous(status: u16, body: &str) -> bool {
        matches!(outcome(status, body), Outcome::Ambiguous { .. })
    }

    #[test]
    fn what_moved_is_told_in_amount_and_currency_of_the_answer() {
        let body = r#"{"id":"pi_1","status":"succeeded","amount_received":500,"currency":"isk"}"#;
        let amount = Money::new(Currency::parse("ISK").expect("known"), 5);
        let moved = Outcome::Succeeded { provider_reference: "pi_1".to_owned(), amount };
        assert_eq!(outcome(200, body), moved);
        assert_eq!(outcome(201, body), moved);
    }

    #[test]
    fn an_intent_that_is_not_paid_or_not_understood_leaves_the_question_open() {
        for (status, received, currency) in [
            ("processing", 5, "gbp"),
            ("requires_action", 0, "gbp"),
            ("succeeded", 5, "???"),
            ("succeeded", 501, "isk"),
        ] {
            let body = format!(
                r#"{{"id":"pi_1","status":"{status}","amount_received":{received},"currency":"{currency}"}}"#
            );
            assert!(is_ambiguous(200, &body), "{body}");
        }
        assert!(is_ambiguous(200, "<html>"));
        assert!(is_ambiguous(200, ""));
    }

    #[test]
    fn only_errors_that_say_so_are_definite() {
        let rejected = Outcome::Rejected { code: "c".to_owned(), message: "m".to_owned() };
        for status in [400, 402, 404] {
            assert_eq!(outcome(status, &error("invalid_request_error")), rejected);
            assert!(matches!(outcome(status, &error("card_error")), Outcome::Declined { .. }));
            for kind in ["idempotency_error", "api_error", "news_of_next_year"] {
                assert!(is_ambiguous(status, &error(kind)), "{status} {kind}");
            }
            assert!(is_ambiguous(status, "<html>Not Found</html>"));
        }
    }

    #[test]
    fn statuses_that_say_nothing_about_earlier_calls_keep_the_operation_open() {
        let body = error("invalid_request_error");
        for status in [401, 403] {
            assert!(matches!(outcome(status, &body), Outcome::NotSent { .. }), "{status}");
        }
        assert_eq!(outcome(429, &body), Outcome::Throttled { retry_after: RETRY_AFTER });
        for status in [302, 307, 409, 500, 502, 503, 504] {
            assert!(is_ambiguous(status, &body), "{status}");
        }
    }
}
