use contract::purser::catalog::v1 as proto;
use proto::get_sku_request::Sku as Asked;
use tonic::Code;

use crate::support::{World, bad_fields, gbp, nobody, reason, upsert, world};

async fn list(
    world: &World,
    merchant_id: &str,
    token: &str,
) -> Result<proto::ListSkusResponse, tonic::Status> {
    let request = proto::ListSkusRequest {
        merchant_id: merchant_id.to_owned(),
        page_size: 3,
        page_token: token.to_owned(),
    };
    world.client.clone().list_skus(request).await.map(tonic::Response::into_inner)
}

#[tokio::test(flavor = "multi_thread")]
async fn skus_are_listed_by_code_in_pages_and_no_other_merchants_among_them() {
    let world = world().await;
    let (merchant, other) = (world.merchant("shop").await, world.merchant("other").await);
    let skus = ["c", "A", "g", "E", "b", "d", "F"].map(|code| upsert(code, gbp(1))).to_vec();
    world.upsert(&merchant, skus).await.unwrap();
    world.upsert(&other, vec![upsert("bb", None)]).await.unwrap();
    let (mut codes, mut token, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = list(&world, &merchant, &token).await.unwrap();
        codes.extend(page.skus.into_iter().map(|sku| sku.sku_code));
        token = page.next_page_token;
        pages += 1;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!((codes.join(" ").as_str(), pages), ("A b c d E F g", 3));
    assert!(list(&world, &nobody(), "").await.unwrap().skus.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn altered_and_foreign_page_tokens_are_refused() {
    let world = world().await;
    let (merchant, other) = (world.merchant("shop").await, world.merchant("other").await);
    let skus = ["a", "b", "c", "d"].map(|code| upsert(code, None)).to_vec();
    world.upsert(&merchant, skus).await.unwrap();
    let token = list(&world, &merchant, "").await.unwrap().next_page_token;
    assert!(!token.is_empty());
    let mut altered = token.clone().into_bytes();
    altered[0] = if altered[0] == b'A' { b'B' } else { b'A' };
    let altered = String::from_utf8(altered).unwrap();
    for (merchant_id, token) in [(&merchant, altered.as_str()), (&other, &token), (&merchant, "no token")] {
        let refused = list(&world, merchant_id, token).await.unwrap_err();
        assert_eq!(
            (refused.code(), reason(&refused).as_str()),
            (Code::InvalidArgument, "PAGE_TOKEN_INVALID")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_merchants_sku_is_not_found_by_any_method() {
    let mut world = world().await;
    let (merchant, other) = (world.merchant("shop").await, world.merchant("other").await);
    let sku = world.sku(&merchant, "A").await;
    for asked in [Asked::SkuId(sku.clone()), Asked::SkuCode("A".to_owned())] {
        let request = proto::GetSkuRequest { merchant_id: other.clone(), sku: Some(asked) };
        let refused = world.client.get_sku(request).await.unwrap_err();
        assert_eq!((refused.code(), reason(&refused).as_str()), (Code::NotFound, "SKU_NOT_FOUND"));
    }
    let refused = world.set_price(&other, &sku, gbp(1), None).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::NotFound, "SKU_NOT_FOUND"));
    let request = proto::ListPricesRequest {
        merchant_id: other.clone(),
        sku_id: sku.clone(),
        ..proto::ListPricesRequest::default()
    };
    let refused = world.client.list_prices(request).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::NotFound, "SKU_NOT_FOUND"));
    let batch = proto::BatchGetSkusRequest { merchant_id: other, sku_ids: vec![sku.clone()] };
    let answer = world.client.batch_get_skus(batch).await.unwrap().into_inner();
    assert_eq!((answer.skus.len(), answer.missing_sku_ids), (0, vec![sku]));
    assert!(world.prices(&merchant, &world.sku(&merchant, "A").await).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_comes_in_the_order_asked_and_names_what_is_missing() {
    let mut world = world().await;
    let merchant_id = world.merchant("shop").await;
    let (a, b) = (world.sku(&merchant_id, "A").await, world.sku(&merchant_id, "B").await);
    let unknown = kernel::SkuId::mint(kernel::Timestamp::UNIX_EPOCH).to_string();
    let sku_ids = vec![b.clone(), unknown.clone(), a.clone(), b.clone()];
    let answer = world
        .client
        .batch_get_skus(proto::BatchGetSkusRequest { merchant_id, sku_ids })
        .await
        .unwrap()
        .into_inner();
    let ids: Vec<_> = answer.skus.into_iter().map(|sku| sku.sku_id).collect();
    assert_eq!((ids, answer.missing_sku_ids), (vec![b.clone(), a, b], vec![unknown]));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_field_of_a_read_is_named_at_once() {
    let mut world = world().await;
    let batch =
        proto::BatchGetSkusRequest { sku_ids: vec!["x".to_owned(), String::new()], ..Default::default() };
    let refused = world.client.batch_get_skus(batch).await.unwrap_err();
    assert_eq!(bad_fields(&refused), ["merchant_id", "sku_ids[0]", "sku_ids[1]"]);
    let refused = world.client.get_sku(proto::GetSkuRequest::default()).await.unwrap_err();
    assert_eq!(bad_fields(&refused), ["merchant_id", "sku_id"]);
    let refused =
        world.client.list_skus(proto::ListSkusRequest { page_size: -1, ..Default::default() }).await;
    assert_eq!(bad_fields(&refused.unwrap_err()), ["merchant_id", "page_size"]);
}
