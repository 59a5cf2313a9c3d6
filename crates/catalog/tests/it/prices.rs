use contract::purser::catalog::v1 as proto;
use contract::purser::common::v1::Money;
use kernel::Timestamp;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use tonic::Code;

use crate::support::{World, bad_fields, gbp, key, reason, timestamp, upsert, world};

fn in_seconds(world: &World, seconds: i64) -> Timestamp {
    world.deps.clock.now() + time::Duration::seconds(seconds)
}

/// Intervals per currency meet without gap or overlap, and the last one is open. Returns how many there are.
async fn assert_history(world: &World, merchant: &str, sku: &str) -> usize {
    let prices = world.prices(merchant, sku).await;
    let newest_first = |pair: &[proto::Price]| start(&pair[0]) >= start(&pair[1]);
    assert!(prices.windows(2).all(newest_first));
    for currency in ["GBP", "EUR"] {
        let of_currency: Vec<_> = prices
            .iter()
            .filter(|price| price.unit_price.as_ref().unwrap().currency_code == currency)
            .collect();
        assert!(of_currency.first().is_none_or(|newest| newest.end_time.is_none()));
        for pair in of_currency.windows(2) {
            assert_eq!(pair[1].end_time, pair[0].start_time);
        }
    }
    prices.len()
}

fn start(price: &proto::Price) -> (i64, i32) {
    let start = price.start_time.as_ref().unwrap();
    (start.seconds, start.nanos)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_in_the_future_ends_the_open_one_and_stops_where_a_later_one_starts() {
    let world = world().await;
    let merchant = world.merchant("shop").await;
    let sku = world.upsert(&merchant, vec![upsert("A", gbp(100))]).await.unwrap().remove(0).sku_id;
    let (soon, later) = (in_seconds(&world, 100), in_seconds(&world, 200));
    world.set_price(&merchant, &sku, gbp(300), Some(later)).await.unwrap();
    let made =
        world.set_price(&merchant, &sku, gbp(200), Some(soon)).await.unwrap().into_inner().price.unwrap();
    assert_eq!((made.start_time, made.end_time), (Some(timestamp(soon)), Some(timestamp(later))));
    let history = world.prices(&merchant, &sku).await;
    let amounts: Vec<i64> =
        history.iter().map(|price| price.unit_price.as_ref().unwrap().minor_units).collect();
    assert_eq!(amounts, [300, 200, 100]);
    assert_eq!(assert_history(&world, &merchant, &sku).await, 3);
    // What is in force is still the first; an upsert at its price changes nothing, at another one splits it.
    let unchanged = world.upsert(&merchant, vec![upsert("A", gbp(100))]).await.unwrap();
    assert_eq!(unchanged[0].prices, [gbp(100).unwrap()]);
    assert_eq!(assert_history(&world, &merchant, &sku).await, 3);
    world.upsert(&merchant, vec![upsert("A", gbp(150))]).await.unwrap();
    let history = world.prices(&merchant, &sku).await;
    assert_eq!(history[2].end_time, Some(timestamp(soon)));
    assert_eq!(assert_history(&world, &merchant, &sku).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moment_in_the_past_or_taken_is_refused_and_leaves_the_key_free() {
    let world = world().await;
    let merchant = world.merchant("shop").await;
    let sku = world.sku(&merchant, "A").await;
    let soon = in_seconds(&world, 100);
    world.set_price(&merchant, &sku, gbp(1), Some(soon)).await.unwrap();
    let before = world.rows().await;
    let past = world.set_price(&merchant, &sku, gbp(2), Some(in_seconds(&world, -1))).await.unwrap_err();
    let taken = world.set_price(&merchant, &sku, gbp(2), Some(soon)).await.unwrap_err();
    for refused in [past, taken] {
        assert_eq!((refused.code(), reason(&refused).as_str()), (Code::InvalidArgument, "VALIDATION_FAILED"));
        assert_eq!(bad_fields(&refused), ["start_time"]);
    }
    assert_eq!(world.rows().await, before);
    // The same price at the same moment is what is there already.
    assert!(world.set_price(&merchant, &sku, gbp(1), Some(soon)).await.is_ok());
    assert_eq!(assert_history(&world, &merchant, &sku).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_key_answers_with_its_interval_also_when_its_moment_has_passed() {
    let mut world = world().await;
    let merchant_id = world.merchant("shop").await;
    let sku_id = world.sku(&merchant_id, "A").await;
    for start_time in [Some(timestamp(in_seconds(&world, 60))), None] {
        let request = proto::SetPriceRequest {
            merchant_id: merchant_id.clone(),
            idempotency_key: key(),
            sku_id: sku_id.clone(),
            unit_price: gbp(5),
            start_time,
        };
        let first = world.client.set_price(request.clone()).await.unwrap().into_inner();
        world.deps.clock.advance(time::Duration::hours(1));
        world.set_price(&merchant_id, &sku_id, gbp(6), None).await.unwrap();
        let second = world.client.set_price(request).await.unwrap().into_inner();
        assert!(second.replayed && !first.replayed);
        let (first, second) = (first.price.unwrap(), second.price.unwrap());
        assert_eq!((first.start_time, first.unit_price), (second.start_time, second.unit_price));
        assert!(second.end_time.is_some(), "the interval as it stands now");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn random_prices_in_any_order_keep_a_history_without_overlap() {
    let world = world().await;
    let merchant = world.merchant("shop").await;
    let origin = in_seconds(&world, 1_000);
    let seconds = proptest::collection::vec((0_i64..30, 0_i64..4, any::<bool>()), 1..25);
    let mut runner = TestRunner::new(Config { cases: 12, failure_persistence: None, ..Config::default() });
    for case in 0..runner.config().cases {
        let sku = world.sku(&merchant, &format!("sku-{case}")).await;
        let steps = seconds.new_tree(&mut runner).unwrap().current();
        for (second, minor_units, euro) in steps {
            let currency_code = if euro { "EUR" } else { "GBP" }.to_owned();
            let at = origin + time::Duration::seconds(second);
            let price = Some(Money { currency_code, minor_units });
            if let Err(refused) = world.set_price(&merchant, &sku, price, Some(at)).await {
                assert_eq!(bad_fields(&refused), ["start_time"], "{refused:?}");
            }
        }
        assert!(assert_history(&world, &merchant, &sku).await > 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn prices_set_at_once_for_now_and_later_wait_for_each_other() {
    let world = world().await;
    let merchant = world.merchant("shop").await;
    let sku = world.sku(&merchant, "A").await;
    let origin = in_seconds(&world, 1_000);
    let calls = (0..40_i64).map(|call| {
        let (mut client, merchant_id, sku_id) = (world.client.clone(), merchant.clone(), sku.clone());
        let start = (call % 2 == 0).then(|| timestamp(origin + time::Duration::seconds(call * 7 % 40)));
        let unit_price = gbp(call);
        let request = proto::SetPriceRequest {
            merchant_id,
            idempotency_key: key(),
            sku_id,
            unit_price,
            start_time: start,
        };
        tokio::spawn(async move { client.set_price(request).await })
    });
    for answer in futures::future::join_all(calls).await {
        answer.unwrap().unwrap();
    }
    assert_eq!(assert_history(&world, &merchant, &sku).await, 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_itself_refuses_overlapping_intervals() {
    let world = world().await;
    let merchant = world.merchant("shop").await;
    world.upsert(&merchant, vec![upsert("A", gbp(1))]).await.unwrap();
    let overlapping = "INSERT INTO catalog.prices
        SELECT p.merchant_id, p.sku_id, p.currency, p.start_time + interval '1 hour', NULL, 2 FROM catalog.prices p";
    let error = world.database.client().await.execute(overlapping, &[]).await.unwrap_err();
    assert_eq!(error.as_db_error().unwrap().constraint(), Some("prices_no_overlap"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_field_of_a_price_is_named_at_once() {
    let mut world = world().await;
    let nothing = world.client.set_price(proto::SetPriceRequest::default()).await.unwrap_err();
    assert_eq!(bad_fields(&nothing), ["merchant_id", "idempotency_key", "sku_id", "unit_price"]);
    let past = proto::SetPriceRequest {
        start_time: Some(prost_types::Timestamp { seconds: 1, nanos: 0 }),
        unit_price: Some(Money { currency_code: "GBP".to_owned(), minor_units: -1 }),
        ..proto::SetPriceRequest::default()
    };
    let refused = world.client.set_price(past).await.unwrap_err();
    let expected = ["merchant_id", "idempotency_key", "sku_id", "unit_price.minor_units", "start_time"];
    assert_eq!(bad_fields(&refused), expected);
    let refused =
        world.client.list_prices(proto::ListPricesRequest { page_size: -1, ..Default::default() }).await;
    assert_eq!(bad_fields(&refused.unwrap_err()), ["merchant_id", "sku_id", "page_size"]);
    assert_eq!(world.rows().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_prices_come_newest_first_and_their_tokens_belong_to_their_sku() {
    let mut world = world().await;
    let merchant_id = world.merchant("shop").await;
    let (sku_id, other) = (world.sku(&merchant_id, "A").await, world.sku(&merchant_id, "B").await);
    for n in 1..=5 {
        let at = Some(in_seconds(&world, 100 * n));
        world.set_price(&merchant_id, &sku_id, gbp(n), at).await.unwrap();
    }
    let mut request =
        proto::ListPricesRequest { merchant_id, sku_id, page_size: 2, page_token: String::new() };
    let mut seen = Vec::new();
    loop {
        let page = world.client.list_prices(request.clone()).await.unwrap().into_inner();
        seen.extend(page.prices.iter().map(|price| price.unit_price.as_ref().unwrap().minor_units));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(seen, [5, 4, 3, 2, 1]);
    let foreign = proto::ListPricesRequest { sku_id: other, ..request };
    let refused = world.client.list_prices(foreign).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::InvalidArgument, "PAGE_TOKEN_INVALID"));
}
