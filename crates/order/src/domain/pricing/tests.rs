#![allow(clippy::unwrap_used, reason = "a test may panic")]

use kernel::{MerchantId, Timestamp};
use proptest::prelude::*;

use super::*;

fn gbp() -> Currency {
    Currency::parse("GBP").unwrap()
}

fn sku(unit_price: Option<i64>) -> SkuSnapshot {
    SkuSnapshot {
        sku_id: SkuId::mint(Timestamp::UNIX_EPOCH),
        merchant_id: MerchantId::mint(Timestamp::UNIX_EPOCH),
        code: "85123A".into(),
        display_name: "WHITE HANGING HEART".into(),
        tracks_stock: true,
        active: true,
        unit_price,
        priced_elsewhere: false,
    }
}

fn want(sku: &SkuSnapshot, quantity: i64, unit_price: Option<i64>) -> Wanted {
    Wanted { sku_id: sku.sku_id, quantity, unit_price, location: "main".into() }
}

fn reason(result: Result<(Vec<Line>, Totals), Refusal>) -> Reason {
    result.unwrap_err().reason
}

#[test]
fn equal_sku_and_price_is_one_line_and_another_price_is_another() {
    let heart = sku(Some(255));
    let wanted = [want(&heart, 6, None), want(&heart, 2, Some(250)), want(&heart, 1, Some(255))];
    let snapshots = [Some(&heart); 3];
    let (lines, totals) = price(gbp(), &wanted, &snapshots, Stated::default()).unwrap();
    let shown: Vec<_> = lines.iter().map(|l| (l.line_no, l.quantity, l.unit_price, l.line_total)).collect();
    assert_eq!(shown, [(1, 7, 255, 1_785), (2, 2, 250, 500)]);
    assert_eq!(totals.total, 2_285);
}

#[test]
fn stated_amounts_make_the_total_and_an_unexpected_one_is_refused_with_the_new_one() {
    let heart = sku(Some(100));
    let stated = Stated { discount: 30, tax: 20, shipping: 5, expected_total: Some(99) };
    let refusal = price(gbp(), &[want(&heart, 1, None)], &[Some(&heart)], stated).unwrap_err();
    assert_eq!(
        (refusal.reason, refusal.metadata["current_total_minor"].as_str()),
        (Reason::TotalChanged, "95")
    );
    let stated = Stated { expected_total: Some(95), ..stated };
    let (_, totals) = price(gbp(), &[want(&heart, 1, None)], &[Some(&heart)], stated).unwrap();
    assert_eq!(totals, Totals { subtotal: 100, discount: 30, tax: 20, shipping: 5, total: 95 });
}

#[test]
fn what_cannot_be_sold_is_refused_by_its_own_reason() {
    let heart = sku(Some(100));
    let wanted = [want(&heart, 1, None)];
    assert_eq!(reason(price(gbp(), &wanted, &[None], Stated::default())), Reason::SkuNotFound);
    let retired = SkuSnapshot { active: false, ..heart.clone() };
    assert_eq!(reason(price(gbp(), &wanted, &[Some(&retired)], Stated::default())), Reason::SkuInactive);
    let free_of_price = SkuSnapshot { unit_price: None, ..heart };
    assert_eq!(
        reason(price(gbp(), &wanted, &[Some(&free_of_price)], Stated::default())),
        Reason::PriceNotFound
    );
    let euro = SkuSnapshot { priced_elsewhere: true, ..free_of_price };
    assert_eq!(reason(price(gbp(), &wanted, &[Some(&euro)], Stated::default())), Reason::CurrencyMismatch);
}

#[test]
fn sums_out_of_bounds_and_one_line_at_two_locations_are_refused() {
    let heart = sku(Some(MAX_MINOR));
    let wanted = [want(&heart, QUANTITY_MAX, None)];
    assert_eq!(reason(price(gbp(), &wanted, &[Some(&heart)], Stated::default())), Reason::ValidationFailed);
    let cheap = sku(Some(1));
    let twice = [want(&cheap, QUANTITY_MAX, None), want(&cheap, 1, None)];
    assert_eq!(reason(price(gbp(), &twice, &[Some(&cheap); 2], Stated::default())), Reason::ValidationFailed);
    let elsewhere = Wanted { location: "east".into(), ..want(&cheap, 1, None) };
    let split =
        price(gbp(), &[want(&cheap, 1, None), elsewhere], &[Some(&cheap); 2], Stated::default()).unwrap_err();
    assert_eq!(split.violations[0].field, "lines[1].location");
    let stated = Stated { discount: 2, ..Stated::default() };
    let refusal = price(gbp(), &[want(&cheap, 1, None)], &[Some(&cheap)], stated).unwrap_err();
    assert_eq!(refusal.violations[0].field, "discount");
}

#[test]
fn an_untracked_sku_has_no_location() {
    let postage = SkuSnapshot { tracks_stock: false, ..sku(Some(1_800)) };
    let (lines, _) = price(gbp(), &[want(&postage, 1, None)], &[Some(&postage)], Stated::default()).unwrap();
    assert_eq!(lines[0].location, "");
}

proptest! {
    #[test]
    fn units_and_money_are_conserved_whatever_is_joined(
        asked in prop::collection::vec((0_usize..3, 1_i64..1_000, prop::option::of(0_i64..5)), 1..40),
    ) {
        let skus = [sku(Some(3)), sku(Some(4)), sku(Some(5))];
        let wanted: Vec<Wanted> = asked.iter().map(|(s, q, p)| want(&skus[*s], *q, *p)).collect();
        let snapshots: Vec<_> = asked.iter().map(|(s, ..)| Some(&skus[*s])).collect();
        let (lines, totals) = price(gbp(), &wanted, &snapshots, Stated::default()).unwrap();
        let units: i64 = asked.iter().map(|(_, q, _)| q).sum();
        let money: i64 = asked.iter().map(|(s, q, p)| q * p.unwrap_or([3, 4, 5][*s])).sum();
        prop_assert_eq!(lines.iter().map(|l| l.quantity).sum::<i64>(), units);
        prop_assert_eq!(totals.total, money);
        let mut pairs: Vec<_> = lines.iter().map(|l| (l.sku_id, l.unit_price)).collect();
        pairs.sort_unstable();
        pairs.dedup();
        prop_assert_eq!(pairs.len(), lines.len());
    }
}
