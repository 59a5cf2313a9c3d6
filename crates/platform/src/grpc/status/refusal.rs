//! The way back: the refusal in a status that another of our processes answered.

use kernel::Reason;
use kernel::refusal::{Refusal, Resource, Violation};
use tonic::Status;
use tonic_types::StatusExt;

use super::{DOMAIN, REPLAYED};

/// The refusal that a service of ours answered, with reason, message, facts, fields, resource and time to retry; `None` for
/// a status that no service of ours made (a broken connection, a proxy) or whose reason this build does not know.
#[must_use]
pub fn refusal(status: &Status) -> Option<Refusal> {
    let info = status.get_details_error_info().filter(|info| info.domain == DOMAIN)?;
    let reason = Reason::ALL.iter().copied().find(|reason| reason.as_str() == info.reason)?;
    let mut refusal = Refusal::new(reason, status.message());
    refusal.replayed = info.metadata.get("replayed").is_some_and(|replayed| replayed == "true")
        || status.metadata().contains_key(REPLAYED);
    refusal.metadata = info.metadata.into_iter().filter(|(name, _)| name != "replayed").collect();
    if let Some(bad) = status.get_details_bad_request() {
        let violation =
            |bad: tonic_types::FieldViolation| Violation { field: bad.field, description: bad.description };
        refusal.violations = bad.field_violations.into_iter().map(violation).collect();
    }
    if let Some(resource) = status.get_details_resource_info() {
        refusal.resource = Some(Resource { kind: resource.resource_type, name: resource.resource_name });
    }
    let delay = status.get_details_retry_info().and_then(|retry| retry.retry_delay);
    refusal.retry_after_ms = delay.map(|delay| u64::try_from(delay.as_millis()).unwrap_or(u64::MAX));
    Some(refusal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grpc::status::status;

    #[test]
    fn a_refusal_comes_back_from_its_status() {
        let refusal = Refusal::new(Reason::PaymentDeclined, "the card was declined")
            .with("category", "insufficient_funds")
            .about("payment", "pay_1")
            .retry_after(std::time::Duration::from_millis(1_500))
            .replayed();
        assert_eq!(super::refusal(&status(refusal.clone())), Some(refusal));
        assert_eq!(super::refusal(&Status::unavailable("connection refused")), None);
    }
}
