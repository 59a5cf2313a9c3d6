//! What a failed call means to a caller that must not lose or double anything. Pure: a status in, a verdict out.

use std::time::Duration;

use contract::purser::common::v1::{ShortLine, StockShortage};
use kernel::Reason;
use prost::Message;
use tonic::{Code, Status};
use tonic_types::StatusExt;

/// What to do about a failed call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is decided, or it is not known what was: repeat the same request with the same key.
    Again {
        /// The wait that the service asked for.
        after: Option<Duration>,
    },
    /// The service decided, and will decide the same again.
    Refused(Refused),
    /// What answers is no Purser.
    Foreign,
}

/// A refusal by the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The machine-readable reason, for example `INSUFFICIENT_STOCK`.
    pub reason: String,
    /// The sentence for people.
    pub message: String,
    /// The resource concerned, for example the id of the merchant that has the code already; may be empty.
    pub resource: String,
    /// The lines that lack stock, where that is the reason.
    pub short: Vec<ShortLine>,
}

/// Judges a status. Every answer of Purser carries `ErrorInfo`; a status without one was made on the way.
#[must_use]
pub fn judge(status: &Status) -> Verdict {
    let Some(info) = status.get_details_error_info() else {
        return if made_on_the_way(status.code()) {
            Verdict::Again { after: None }
        } else {
            Verdict::Foreign
        };
    };
    let after = status.get_details_retry_info().and_then(|retry| retry.retry_delay);
    let known = Reason::ALL.iter().find(|reason| reason.as_str() == info.reason);
    let retryable = match status.code() {
        Code::Unavailable | Code::ResourceExhausted | Code::DeadlineExceeded => true,
        Code::Aborted => after.is_some() || known.is_none_or(|reason| reason.is_retryable()),
        _ => known.is_some_and(|reason| reason.is_retryable()),
    };
    if retryable {
        return Verdict::Again { after };
    }
    let resource =
        status.get_details_resource_info().map(|resource| resource.resource_name).unwrap_or_default();
    Verdict::Refused(Refused {
        reason: info.reason,
        message: status.message().to_owned(),
        resource,
        short: short_lines(status),
    })
}

// The one detail that is Purser's own; the others are Google's and read by their own crate.
fn short_lines(status: &Status) -> Vec<ShortLine> {
    let details = tonic_types::pb::Status::decode(status.details()).unwrap_or_default().details;
    let shortage = details.iter().find(|detail| detail.type_url.ends_with("/purser.common.v1.StockShortage"));
    let shortage = shortage.and_then(|detail| StockShortage::decode(&detail.value[..]).ok());
    shortage.map(|shortage| shortage.lines).unwrap_or_default()
}

// A connection that breaks shows as one of these, depending on where it broke; CANCELLED is the client's own timer.
const fn made_on_the_way(code: Code) -> bool {
    matches!(
        code,
        Code::Unavailable
            | Code::Unknown
            | Code::Internal
            | Code::Cancelled
            | Code::DeadlineExceeded
            | Code::Aborted
            | Code::ResourceExhausted
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonic_types::ErrorDetails;

    fn answer(code: Code, reason: &str, after_ms: Option<u64>) -> Verdict {
        let mut details =
            ErrorDetails::with_error_info(reason, "purser.dev", [("a".to_owned(), "b".to_owned())]);
        if let Some(ms) = after_ms {
            details.set_retry_info(Some(Duration::from_millis(ms)));
        }
        details.set_resource_info("merchant", "mer_1", "", "");
        judge(&Status::with_error_details(code, "said so", details))
    }

    #[test]
    fn what_is_undecided_is_repeated_after_the_wait_asked_for() {
        let after = |after_ms: u64| Verdict::Again { after: Some(Duration::from_millis(after_ms)) };
        assert_eq!(answer(Code::ResourceExhausted, "OVERLOADED", Some(500)), after(500));
        assert_eq!(answer(Code::Aborted, "IDEMPOTENCY_IN_PROGRESS", Some(20)), after(20));
        assert_eq!(answer(Code::Unavailable, "PAYMENT_OUTCOME_UNKNOWN", Some(7)), after(7));
        assert_eq!(answer(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", None), Verdict::Again { after: None });
        assert_eq!(
            answer(Code::FailedPrecondition, "OPERATION_PENDING", None),
            Verdict::Again { after: None }
        );
    }

    #[test]
    fn what_is_decided_is_a_refusal_with_its_reason() {
        for (code, reason) in [
            (Code::FailedPrecondition, "INSUFFICIENT_STOCK"),
            (Code::AlreadyExists, "MERCHANT_CODE_TAKEN"),
            (Code::Internal, "INTERNAL"),
            (Code::FailedPrecondition, "A_REASON_OF_LATER"),
        ] {
            let (message, resource) = ("said so".into(), "mer_1".into());
            let refused = Refused { reason: reason.into(), message, resource, short: vec![] };
            assert_eq!(answer(code, reason, None), Verdict::Refused(refused), "{reason}");
        }
    }

    #[test]
    fn short_lines_are_read_from_the_shortage() {
        let line = ShortLine { sku_code: "MUG".into(), wanted: 3, available: 1, ..ShortLine::default() };
        let shortage = StockShortage { lines: vec![line.clone()], more: 0 };
        let info = tonic_types::pb::ErrorInfo { reason: "INSUFFICIENT_STOCK".into(), ..Default::default() };
        let any =
            |name: &str, value| prost_types::Any { type_url: format!("type.googleapis.com/{name}"), value };
        let details = vec![
            any("google.rpc.ErrorInfo", info.encode_to_vec()),
            any("purser.common.v1.StockShortage", shortage.encode_to_vec()),
        ];
        let code = Code::FailedPrecondition;
        let bytes =
            tonic_types::pb::Status { code: code.into(), message: String::new(), details }.encode_to_vec();
        let Verdict::Refused(refused) = judge(&Status::with_details(code, "", bytes.into())) else {
            panic!("a refusal");
        };
        assert_eq!(refused.short, [line]);
    }

    #[test]
    fn a_broken_connection_is_repeated_and_a_stranger_is_not() {
        for code in [Code::Unavailable, Code::Unknown, Code::Internal, Code::Cancelled] {
            assert_eq!(
                judge(&Status::new(code, "h2 protocol error")),
                Verdict::Again { after: None },
                "{code:?}"
            );
        }
        for code in [Code::Unimplemented, Code::Unauthenticated, Code::NotFound] {
            assert_eq!(judge(&Status::new(code, "")), Verdict::Foreign, "{code:?}");
        }
    }
}
