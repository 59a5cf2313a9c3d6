#![allow(clippy::unwrap_used, reason = "a test may panic")]

use kernel::Reason;
use kernel::refusal::{ShortLine, Violation};
use tonic_types::StatusExt;

use super::*;

fn shortage(status: &Status) -> details::StockShortage {
    let decoded = pb::Status::decode(status.details()).unwrap();
    let is_shortage = |any: &&prost_types::Any| any.type_url.ends_with("/purser.common.v1.StockShortage");
    let any = decoded.details.iter().find(is_shortage).unwrap();
    details::StockShortage::decode(&*any.value).unwrap()
}

#[test]
fn two_thousand_violations_of_long_paths_stay_below_the_limit_and_are_counted() {
    let mut refusal = Refusal::new(Reason::ValidationFailed, "\u{e9}".repeat(3_000));
    refusal.violations = (0..2_000)
        .map(|line| Violation {
            field: format!("lines[{line}].{}", "address_".repeat(40)),
            description: "\u{4e16}".repeat(300),
        })
        .collect();
    let status = status(refusal);
    assert!(wire_bytes(status.message(), status.details()) <= WIRE_BYTES_MAX);
    let listed = status.get_details_bad_request().unwrap().field_violations.len();
    assert!((1..=40).contains(&listed), "{listed}");
    assert_eq!(facts(&status)["more"], (2_000 - listed).to_string());
}

#[test]
fn two_thousand_short_lines_stay_below_the_limit_and_are_counted() {
    let line = |no| ShortLine {
        sku_id: format!("sku_{no:026}"),
        sku_code: "C".repeat(64),
        location: "main".into(),
        wanted: 1_000_000,
        available: 3,
    };
    let refusal = Refusal::new(Reason::InsufficientStock, "short").short_of((0..2_000).map(line).collect());
    let status = status(refusal);
    assert!(wire_bytes(status.message(), status.details()) <= WIRE_BYTES_MAX);
    let shortage = shortage(&status);
    assert!(!shortage.lines.is_empty());
    assert_eq!(shortage.lines.len() + usize::try_from(shortage.more).unwrap(), 2_000);
}

#[test]
fn the_worst_refusal_of_all_parts_stays_below_the_limit() {
    let mut refusal = Refusal::new(Reason::ValidationFailed, "\u{4e16}".repeat(3_000))
        .about(&"k".repeat(900), "n".repeat(900))
        .retry_after(std::time::Duration::from_secs(1));
    for fact in 0..50 {
        refusal = refusal.with(&format!("{fact:0200}"), "v".repeat(900));
    }
    let status = status(refusal);
    assert!(wire_bytes(status.message(), status.details()) <= WIRE_BYTES_MAX);
}

#[test]
fn a_replayed_refusal_says_so_in_metadata_and_in_its_details() {
    let status =
        status(Refusal::new(Reason::PaymentDeclined, "declined").with("category", "FUNDS").replayed());
    assert_eq!(status.code(), Code::FailedPrecondition);
    assert_eq!(status.metadata().get(REPLAYED).unwrap(), "true");
    let info = status.get_details_error_info().unwrap();
    assert_eq!((info.reason.as_str(), info.domain.as_str()), ("PAYMENT_DECLINED", DOMAIN));
    assert_eq!((info.metadata["replayed"].as_str(), info.metadata["category"].as_str()), ("true", "FUNDS"));
}

#[test]
fn a_sku_that_is_read_is_not_found_and_one_that_is_mentioned_is_a_failed_precondition() {
    let read = status(Refusal::not_found(Reason::SkuNotFound, "sku", "sku_1"));
    let mentioned =
        status(Refusal::new(Reason::SkuNotFound, "sku sku_1 does not exist").about("sku", "sku_1"));
    assert_eq!((read.code(), mentioned.code()), (Code::NotFound, Code::FailedPrecondition));
    assert_eq!(read.get_details_resource_info().unwrap().resource_name, "sku_1");
}

#[test]
fn an_overload_says_when_to_come_back() {
    let status = status(Refusal::overloaded());
    assert_eq!(status.code(), Code::ResourceExhausted);
    let delay = status.get_details_retry_info().unwrap().retry_delay.unwrap();
    assert_eq!(delay, std::time::Duration::from_millis(500));
}
