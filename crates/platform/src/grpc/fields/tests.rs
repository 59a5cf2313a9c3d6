#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use kernel::{OrderId, SkuId};

use super::*;

fn bad_fields(fields: Fields) -> Vec<String> {
    fields.finish(()).unwrap_err().violations.into_iter().map(|violation| violation.field).collect()
}

const ORDER: &str = "ord_01h2xcejqtf2nbrexx3vqjhp41";
const KEY_TEXT: &str = "0188bac7-4afa-78aa-bc3b-bd1eef28d881";

#[test]
fn good_fields_come_back_as_values() {
    let mut fields = Fields::new();
    let read = (
        fields.id("order_id", ORDER),
        fields.optional_id::<kernel::id::Sku>("sku_id", ""),
        fields.key(KEY_TEXT),
        fields.text("reason", "caf\u{e9}", 1..=4),
        fields.location("location", ""),
        fields.amount("tax", "JPY", 5),
    );
    let (order, sku, key, reason, location, tax) = fields.finish(read).unwrap();
    assert_eq!((order, sku, key.text()), (ORDER.parse::<OrderId>().unwrap(), None::<SkuId>, KEY_TEXT.into()));
    assert_eq!((reason.as_str(), location.as_str(), tax.minor), ("caf\u{e9}", "main", 5));
}

#[test]
fn every_bad_field_is_named_by_its_path_in_one_answer() {
    let mut fields = Fields::new();
    let _: SkuId = fields.id("sku_id", ORDER);
    let _: OrderId = fields.id("order_id", "");
    fields.key("short");
    fields.each("lines", &[1, 0, 2_000_000], 1..=3, |fields, quantity| {
        fields.quantity("quantity", *quantity, 1..=1_000_000);
        fields.amount("unit_price", "gbp", -1);
    });
    fields.message("shipping_address", |fields| fields.text("recipient", "a\0b", 1..=200));
    let expected = [
        "sku_id",
        "order_id",
        "idempotency_key",
        "lines[0].unit_price.currency_code",
        "lines[0].unit_price.minor_units",
        "lines[1].quantity",
        "lines[1].unit_price.currency_code",
        "lines[1].unit_price.minor_units",
        "lines[2].quantity",
        "lines[2].unit_price.currency_code",
        "lines[2].unit_price.minor_units",
        "shipping_address.recipient",
    ];
    assert_eq!(bad_fields(fields), expected);
}

#[test]
fn forty_violations_are_kept_and_the_rest_counted() {
    let mut fields = Fields::new();
    fields.each("lines", &[0; 2_000], 1..=2_000, |fields, n| fields.quantity("quantity", *n, 1..=9));
    let refusal = fields.finish(()).unwrap_err();
    assert_eq!((refusal.violations.len(), refusal.metadata["more"].as_str()), (40, "1960"));
}

#[test]
fn a_wrong_number_of_items_is_one_violation_and_no_item_is_read() {
    let mut fields = Fields::new();
    let read: Vec<()> = fields.each("lines", &[0; 3], 1..=2, |_, _| panic!("must not be read"));
    assert!(read.is_empty());
    assert_eq!(bad_fields(fields), ["lines"]);
}

#[test]
fn the_second_of_two_equal_items_is_named() {
    let mut fields = Fields::new();
    fields.distinct("skus", "sku_code", ["a", "b", "a"]);
    assert_eq!(bad_fields(fields), ["skus[2].sku_code"]);
}

#[test]
fn a_bad_key_alone_has_its_own_reason_and_beside_others_it_does_not() {
    let reason = |key: &str, quantity| {
        let mut fields = Fields::new();
        fields.key(key);
        fields.quantity("quantity", quantity, 1..=9);
        fields.finish(()).unwrap_err().reason
    };
    assert_eq!(reason("", 1), Reason::IdempotencyKeyRequired);
    assert_eq!(reason("short", 1), Reason::IdempotencyKeyInvalid);
    assert_eq!(reason("", 0), Reason::ValidationFailed);
}

#[test]
fn texts_are_counted_in_characters_and_refuse_what_nobody_sees() {
    let bad = |read: fn(&mut Fields)| {
        let mut fields = Fields::new();
        read(&mut fields);
        !fields.is_clean()
    };
    assert!(!bad(|f| drop(f.text("t", &"\u{1f600}".repeat(200), 1..=200))));
    assert!(bad(|f| drop(f.text("t", &"x".repeat(201), 1..=200))));
    assert!(bad(|f| drop(f.text("t", "a\nb", 1..=200))));
    assert!(bad(|f| drop(f.text("t", "  ", 1..=200))));
    assert!(!bad(|f| drop(f.text("t", "", 0..=200))));
    assert!(bad(|f| drop(f.reference("t", " a", 1..=64))));
    assert!(!bad(|f| drop(f.reference("t", "BANK CHARGES", 1..=64))));
    assert!(bad(|f| drop(f.code("t", "Main", 1..=32, "-_"))));
    assert!(bad(|f| drop(f.code("t", "", 1..=32, "-_"))));
    assert!(!bad(|f| drop(f.location("t", "east_2"))));
}

#[test]
fn times_are_cut_to_the_microsecond_and_bounded() {
    let mut fields = Fields::new();
    let time = |seconds, nanos| prost_types::Timestamp { seconds, nanos };
    assert_eq!(fields.timestamp("t", &time(1, 1_999)).unix_timestamp_nanos(), 1_000_001_000);
    let bounds = Duration::from_secs(1)..=Duration::from_secs(60);
    let minute = prost_types::Duration { seconds: 60, nanos: 0 };
    assert_eq!(fields.duration("d", &minute, bounds.clone()), Duration::from_secs(60));
    assert!(fields.is_clean());
    fields.timestamp("a", &time(-1, 0));
    fields.timestamp("b", &time(0, 1_000_000_000));
    fields.timestamp("c", &time(i64::MAX, 0));
    fields.duration("d", &prost_types::Duration { seconds: -1, nanos: 0 }, bounds);
    assert_eq!(bad_fields(fields), ["a", "b", "c", "d"]);
}
