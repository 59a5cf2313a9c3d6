use contract::purser::catalog::v1 as proto;
use contract::purser::common::v1::Money;
use tonic::Code;

use crate::support::{World, bad_fields, gbp, key, nobody, reason, upsert, world};

async fn product(world: &World, merchant_id: &str) -> String {
    let request = proto::CreateProductRequest {
        merchant_id: merchant_id.to_owned(),
        idempotency_key: key(),
        display_name: "Mug".to_owned(),
    };
    world.client.clone().create_product(request).await.unwrap().into_inner().product.unwrap().product_id
}

#[tokio::test(flavor = "multi_thread")]
async fn skus_come_back_in_the_order_of_the_request_with_their_prices() {
    let world = world().await;
    let merchant = world.merchant("shop").await;
    let eur = Money { currency_code: "EUR".to_owned(), minor_units: 0 };
    let wanted = vec![upsert("b", gbp(255)), upsert("a", None), upsert("C", Some(eur.clone()))];
    let skus = world.upsert(&merchant, wanted).await.unwrap();
    let codes: Vec<_> = skus.iter().map(|sku| sku.sku_code.as_str()).collect();
    assert_eq!(codes, ["b", "a", "C"]);
    assert_eq!(skus[0].prices, [gbp(255).unwrap()]);
    assert!(skus[1].prices.is_empty());
    assert_eq!(skus[2].prices, [eur]);
    assert!(skus.iter().all(|sku| sku.tracks_stock && sku.active && sku.merchant_id == merchant));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_finds_its_sku_in_any_case_and_is_shown_as_first_given() {
    let mut world = world().await;
    let merchant = world.merchant("shop").await;
    let first = world.upsert(&merchant, vec![upsert("85123A", None)]).await.unwrap().remove(0);
    let again = proto::SkuUpsert { display_name: "Lantern".to_owned(), ..upsert("85123a", None) };
    let second = world.upsert(&merchant, vec![again]).await.unwrap().remove(0);
    assert_eq!((&second.sku_id, &second.sku_code), (&first.sku_id, &first.sku_code));
    assert_eq!(second.display_name, "Lantern");
    assert!(second.update_time.unwrap().nanos != first.update_time.unwrap().nanos);
    let by_code = proto::GetSkuRequest {
        merchant_id: merchant,
        sku: Some(proto::get_sku_request::Sku::SkuCode("85123a".to_owned())),
    };
    assert_eq!(world.client.get_sku(by_code).await.unwrap().into_inner().sku, Some(second));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upsert_that_changes_nothing_leaves_the_update_time_and_the_price() {
    let world = world().await;
    let merchant = world.merchant("shop").await;
    let first = world.upsert(&merchant, vec![upsert("A", gbp(100))]).await.unwrap();
    let second = world.upsert(&merchant, vec![upsert("A", gbp(100))]).await.unwrap();
    assert_eq!(first, second);
    assert_eq!(world.prices(&merchant, &first[0].sku_id).await.len(), 1);
    let third = world.upsert(&merchant, vec![upsert("A", gbp(120))]).await.unwrap();
    assert_eq!(third[0].prices, [gbp(120).unwrap()]);
    assert_eq!(third[0].update_time, first[0].update_time);
    let history = world.prices(&merchant, &first[0].sku_id).await;
    assert_eq!(history[1].end_time, history[0].start_time);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tracking_of_stock_is_fixed_and_one_bad_sku_stops_them_all() {
    let world = world().await;
    let merchant = world.merchant("shop").await;
    let post = proto::SkuUpsert { untracked: true, ..upsert("POST", None) };
    assert!(!world.upsert(&merchant, vec![post]).await.unwrap()[0].tracks_stock);
    let before = world.rows().await;
    let refused =
        world.upsert(&merchant, vec![upsert("NEW", gbp(1)), upsert("post", None)]).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::FailedPrecondition, "SKU_TRACKING_FIXED"));
    assert_eq!(world.rows().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_must_be_the_merchants_own() {
    let world = world().await;
    let (merchant, other) = (world.merchant("shop").await, world.merchant("other").await);
    let mug = product(&world, &merchant).await;
    let variant = proto::SkuUpsert { product_id: mug.clone(), ..upsert("MUG-RED", None) };
    let made = world.upsert(&merchant, vec![variant.clone()]).await.unwrap();
    assert_eq!(made[0].product_id, mug);
    let refused = world.upsert(&other, vec![variant]).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::NotFound, "PRODUCT_NOT_FOUND"));
    let refused = world.upsert(&nobody(), vec![upsert("A", None)]).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::NotFound, "MERCHANT_NOT_FOUND"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_new_codes_in_opposite_order_at_once_become_one_sku_each() {
    let world = world().await;
    let merchant = world.merchant("shop").await;
    let codes: Vec<String> = (0..100).map(|n| format!("code-{n}")).collect();
    let calls = (0..8).map(|call| {
        let (mut client, merchant_id) = (world.client.clone(), merchant.clone());
        let mut skus: Vec<_> = codes.iter().map(|code| upsert(code, gbp(call))).collect();
        if call % 2 == 1 {
            skus.reverse();
        }
        let request = proto::UpsertSkusRequest { merchant_id, idempotency_key: key(), skus };
        tokio::spawn(async move { client.upsert_skus(request).await.unwrap().into_inner().skus })
    });
    let answers: Vec<_> = futures::future::join_all(calls).await.into_iter().map(Result::unwrap).collect();
    let ids = |skus: &Vec<proto::Sku>| {
        skus.iter().map(|sku| sku.sku_id.clone()).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(ids(&answers[0]).len(), 100);
    assert!(answers.iter().all(|skus| ids(skus) == ids(&answers[0])));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upsert_does_not_hold_up_who_refers_to_the_sku() {
    let world = world().await;
    let merchant = world.merchant("shop").await;
    world.upsert(&merchant, vec![upsert("A", gbp(1))]).await.unwrap();
    // What a checkout's foreign keys do, held open while the upsert runs.
    let checkout = world.database.client().await;
    checkout.batch_execute("BEGIN").await.unwrap();
    let rows = checkout.query("SELECT id FROM catalog.skus FOR KEY SHARE", &[]).await.unwrap();
    assert_eq!(rows.len(), 1);
    let renamed = proto::SkuUpsert { display_name: "New".to_owned(), ..upsert("a", gbp(2)) };
    let upserted = world.upsert(&merchant, vec![renamed]);
    let skus = tokio::time::timeout(std::time::Duration::from_secs(1), upserted).await.unwrap().unwrap();
    assert_eq!(skus[0].display_name, "New");
    checkout.batch_execute("ROLLBACK").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_upsert_answers_with_the_skus_as_they_stand() {
    let mut world = world().await;
    let merchant_id = world.merchant("shop").await;
    let request = proto::UpsertSkusRequest {
        merchant_id: merchant_id.clone(),
        idempotency_key: key(),
        skus: vec![upsert("B", gbp(1)), upsert("A", gbp(1))],
    };
    let first = world.client.upsert_skus(request.clone()).await.unwrap().into_inner();
    world.upsert(&merchant_id, vec![upsert("A", gbp(2))]).await.unwrap();
    let second = world.client.upsert_skus(request).await.unwrap().into_inner();
    assert!(second.replayed && !first.replayed);
    assert_eq!(second.skus[0], first.skus[0]);
    assert_eq!(second.skus[1].prices, [gbp(2).unwrap()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_field_of_an_upsert_is_named_at_once_and_nothing_is_written() {
    let mut world = world().await;
    let bad_price = Some(Money { currency_code: "gbp".to_owned(), minor_units: -1 });
    let request = proto::UpsertSkusRequest {
        merchant_id: "ord_01h2xcejqtf2nbrexx3vqjhp41".to_owned(),
        idempotency_key: String::new(),
        skus: vec![
            proto::SkuUpsert { display_name: String::new(), ..upsert(" A", bad_price) },
            proto::SkuUpsert { product_id: "sku_x".to_owned(), ..upsert("dup", None) },
            upsert("DUP", None),
            upsert(&"\u{130}".repeat(40), None),
            upsert("", None),
            upsert("", None),
        ],
    };
    let refused = world.client.upsert_skus(request).await.unwrap_err();
    assert_eq!(reason(&refused), "VALIDATION_FAILED");
    let expected = [
        "merchant_id",
        "idempotency_key",
        "skus[0].sku_code",
        "skus[0].display_name",
        "skus[0].unit_price.currency_code",
        "skus[0].unit_price.minor_units",
        "skus[1].product_id",
        "skus[3].sku_code",
        "skus[4].sku_code",
        "skus[5].sku_code",
        "skus[2].sku_code",
    ];
    let mut named = bad_fields(&refused);
    named.sort_unstable();
    let mut expected: Vec<_> = expected.into_iter().map(ToOwned::to_owned).collect();
    expected.sort_unstable();
    assert_eq!(named, expected);
    let too_many = proto::UpsertSkusRequest {
        merchant_id: nobody(),
        idempotency_key: key(),
        skus: vec![upsert("A", None); 501],
    };
    assert_eq!(bad_fields(&world.client.upsert_skus(too_many).await.unwrap_err()), ["skus"]);
    assert_eq!(world.rows().await, 0);
}
