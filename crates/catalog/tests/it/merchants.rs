use contract::purser::catalog::v1 as proto;
use tonic::Code;
use tonic_types::StatusExt;

use crate::support::{bad_fields, key, nobody, reason, serve, world};

fn create(code: &str) -> proto::CreateMerchantRequest {
    proto::CreateMerchantRequest {
        idempotency_key: key(),
        code: code.to_owned(),
        display_name: "A shop".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_key_answers_with_the_same_merchant_and_says_so() {
    let mut world = world().await;
    let request = create("shop");
    let first = world.client.create_merchant(request.clone()).await.unwrap();
    assert!(first.metadata().get("idempotency-replayed").is_none());
    let first = first.into_inner();
    let second = world.client.create_merchant(request).await.unwrap();
    assert_eq!(second.metadata().get("idempotency-replayed").unwrap(), "true");
    let second = second.into_inner();
    assert!(!first.replayed && second.replayed);
    assert_eq!(first.merchant, second.merchant);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_code_names_its_owner_and_leaves_the_key_free() {
    let mut world = world().await;
    let owner = world.merchant("shop").await;
    let mut request = create("shop");
    let refused = world.client.create_merchant(request.clone()).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::AlreadyExists, "MERCHANT_CODE_TAKEN"));
    let resource = refused.get_details_resource_info().unwrap();
    assert_eq!((resource.resource_type.as_str(), resource.resource_name), ("merchant", owner));
    // The key names no intent yet: it may name another one.
    request.code = "other-shop".to_owned();
    assert!(!world.client.create_merchant(request).await.unwrap().into_inner().replayed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_named_another_request_is_refused_with_its_first_use() {
    let mut world = world().await;
    let merchant_id = world.merchant("shop").await;
    let product = proto::CreateProductRequest {
        merchant_id: merchant_id.clone(),
        idempotency_key: key(),
        display_name: "Mug".to_owned(),
    };
    let made = world.client.create_product(product.clone()).await.unwrap().into_inner().product.unwrap();
    assert!(made.product_id.starts_with("prd_"));

    let other = proto::CreateProductRequest { display_name: "Cup".to_owned(), ..product.clone() };
    let refused = world.client.create_product(other).await.unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::FailedPrecondition, "IDEMPOTENCY_KEY_REUSED")
    );
    let facts = refused.get_details_error_info().unwrap().metadata;
    assert_eq!(facts.get("method").map(String::as_str), Some("CreateProduct"));
    assert!(facts.contains_key("first_seen_time"));

    // Another method is another request, and another merchant's keys are others.
    let sku = proto::UpsertSkusRequest {
        merchant_id,
        idempotency_key: product.idempotency_key.clone(),
        skus: vec![crate::support::upsert("A", None)],
    };
    assert_eq!(reason(&world.client.upsert_skus(sku).await.unwrap_err()), "IDEMPOTENCY_KEY_REUSED");
    let second = world.merchant("second").await;
    let same_key = proto::CreateProductRequest { merchant_id: second, ..product };
    assert!(!world.client.create_product(same_key).await.unwrap().into_inner().replayed);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_many_times_at_once_through_two_processes_makes_one_merchant() {
    let world = world().await;
    let second = serve(world.deps.clone()).await;
    let request = create("shop");
    let calls = (0..16).map(|call| {
        let mut client = if call % 2 == 0 { world.client.clone() } else { second.clone() };
        let request = request.clone();
        tokio::spawn(async move { client.create_merchant(request).await.unwrap().into_inner() })
    });
    let answers: Vec<_> = futures::future::join_all(calls).await.into_iter().map(Result::unwrap).collect();
    assert!(answers.iter().all(|answer| answer.merchant == answers[0].merchant));
    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn different_keys_with_one_code_at_once_make_one_merchant() {
    let world = world().await;
    let calls = (0..8).map(|_| {
        let mut client = world.client.clone();
        tokio::spawn(async move { client.create_merchant(create("shop")).await })
    });
    let answers: Vec<_> = futures::future::join_all(calls).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    let refused: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().err()).map(reason).collect();
    assert_eq!(refused, ["MERCHANT_CODE_TAKEN"; 7]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_held_elsewhere_past_the_wait_is_in_progress() {
    let mut world = world().await;
    let request = create("shop");
    let holder = world.database.client().await;
    let stored: Vec<u8> = std::iter::once(0).chain(request.idempotency_key.bytes()).collect();
    holder.batch_execute("BEGIN").await.unwrap();
    let claim = "INSERT INTO platform.idempotency VALUES
        ('00000000-0000-0000-0000-000000000000', 'global', $1, decode(repeat('00', 32), 'hex'), 1, 'X',
         gen_random_uuid(), 'DONE', NULL, now())";
    holder.execute(claim, &[&stored]).await.unwrap();
    let refused = world.client.create_merchant(request.clone()).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Aborted, "IDEMPOTENCY_IN_PROGRESS"));
    assert!(refused.get_details_retry_info().is_some());
    holder.batch_execute("ROLLBACK").await.unwrap();
    assert!(!world.client.create_merchant(request).await.unwrap().into_inner().replayed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_is_lost_is_the_callers_own_success() {
    let scenario = fail::FailScenario::setup();
    let mut world = world().await;
    fail::cfg("lost_after::commit", "1*return->off").unwrap();
    let answer = world.client.create_merchant(create("shop")).await.unwrap().into_inner();
    assert!(!answer.replayed);
    fail::cfg("lost_before::commit", "1*return->off").unwrap();
    let answer = world.client.create_merchant(create("other")).await.unwrap().into_inner();
    assert!(!answer.replayed);
    scenario.teardown();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_field_is_named_at_once_and_nothing_is_written() {
    let mut world = world().await;
    let bad = proto::CreateMerchantRequest {
        idempotency_key: "short".to_owned(),
        code: "Not A Code".to_owned(),
        display_name: "\n".to_owned(),
    };
    let refused = world.client.create_merchant(bad).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::InvalidArgument, "VALIDATION_FAILED"));
    assert_eq!(bad_fields(&refused), ["idempotency_key", "code", "display_name"]);
    let refused = world.client.create_product(proto::CreateProductRequest::default()).await.unwrap_err();
    assert_eq!(bad_fields(&refused), ["merchant_id", "idempotency_key", "display_name"]);
    assert_eq!(world.rows().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_of_nobody_is_refused_and_its_key_stays_free() {
    let mut world = world().await;
    let request = proto::CreateProductRequest {
        merchant_id: nobody(),
        idempotency_key: key(),
        display_name: "Mug".to_owned(),
    };
    let refused = world.client.create_product(request).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::NotFound, "MERCHANT_NOT_FOUND"));
    assert_eq!(world.rows().await, 0);
}
