//! Reads and request checks, through the service.

use contract::purser::payment::v1 as proto;
use kernel::PageTokens;
use payment::grpc::PaymentServer;
use proto::payment_service_server::PaymentService;
use tonic::{Code, Request};

use crate::support::{AMOUNT, Opened, World, captured};

fn server(world: &World) -> PaymentServer {
    PaymentServer::new(world.payments.clone(), PageTokens::new(b"test"))
}

fn list(opened: Opened, size: i32, token: &str) -> Request<proto::ListPaymentsRequest> {
    Request::new(proto::ListPaymentsRequest {
        merchant_id: opened.merchant.to_string(),
        order_id: String::new(),
        page_size: size,
        page_token: token.to_owned(),
    })
}

#[tokio::test]
async fn a_payment_is_read_with_its_operations_and_only_by_its_merchant() {
    let world = World::new().await;
    let opened = world.open(world.merchant()).await;
    let (operation, _) = captured(&world.capture(opened, "one").await);
    let server = server(&world);
    let get = |merchant: kernel::MerchantId| {
        Request::new(proto::GetPaymentRequest {
            merchant_id: merchant.to_string(),
            payment_id: opened.payment.to_string(),
        })
    };
    let payment = server.get_payment(get(opened.merchant)).await.unwrap().into_inner().payment.unwrap();
    assert_eq!(payment.state(), proto::payment::State::Captured);
    assert_eq!(payment.captured.unwrap().minor_units, AMOUNT);
    assert_eq!(payment.operations.len(), 1);
    assert_eq!(payment.operations[0].operation_id, operation.to_string());
    assert_eq!(payment.operations[0].state(), proto::operation::State::Succeeded);
    assert!(payment.operations[0].end_time.is_some());
    let status = server.get_payment(get(world.merchant())).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
}

#[tokio::test]
async fn a_payment_is_found_by_its_key_and_by_the_providers_reference() {
    let world = World::new().await;
    let opened = world.open(world.merchant()).await;
    let answer = world.capture(opened, "one").await;
    let (operation, _) = captured(&answer);
    let reference = answer.unwrap().payment.operations[0].provider_reference.clone();
    let server = server(&world);
    let look = |merchant: kernel::MerchantId, by| {
        Request::new(proto::LookupPaymentRequest { merchant_id: merchant.to_string(), by: Some(by) })
    };
    use proto::lookup_payment_request::By;
    let key = crate::support::key("one").text();
    for by in [By::IdempotencyKey(key.clone()), By::ProviderReference(reference)] {
        let found = server.lookup_payment(look(opened.merchant, by.clone())).await.unwrap().into_inner();
        assert_eq!(found.operation_id, operation.to_string());
        assert_eq!(found.payment.unwrap().payment_id, opened.payment.to_string());
        let status = server.lookup_payment(look(world.merchant(), by)).await.unwrap_err();
        assert_eq!(status.code(), Code::NotFound);
    }
    let unknown = By::IdempotencyKey(crate::support::key("never-used").text());
    assert_eq!(
        server.lookup_payment(look(opened.merchant, unknown)).await.unwrap_err().code(),
        Code::NotFound
    );
}

#[tokio::test]
async fn a_merchants_payments_page_newest_first_and_foreign_tokens_are_refused() {
    let world = World::new().await;
    let merchant = world.merchant();
    let mut opened = Vec::new();
    for _ in 0..5 {
        opened.push(world.open(merchant).await);
    }
    let foreign = world.open(world.merchant()).await;
    let server = server(&world);
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let page = server.list_payments(list(opened[0], 2, &token)).await.unwrap().into_inner();
        assert!(page.payments.len() <= 2);
        seen.extend(page.payments.into_iter().map(|payment| payment.payment_id));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
        assert_eq!(
            server.list_payments(list(foreign, 2, &token)).await.unwrap_err().code(),
            Code::InvalidArgument
        );
    }
    let mut all: Vec<_> = opened.iter().map(|one| one.payment).collect();
    all.sort();
    let newest_first: Vec<String> = all.iter().rev().map(ToString::to_string).collect();
    assert_eq!(seen, newest_first);

    let mut of_order = list(opened[2], 0, "").into_inner();
    of_order.order_id = opened[2].order.to_string();
    let page = server.list_payments(Request::new(of_order)).await.unwrap().into_inner();
    let ids: Vec<_> = page.payments.iter().map(|payment| payment.payment_id.clone()).collect();
    assert_eq!((ids, page.next_page_token), (vec![opened[2].payment.to_string()], String::new()));
    let mut reader = world.database.read().await.unwrap();
    let first = payment::queries::first_of_order(&mut reader, merchant, opened[2].order).await.unwrap();
    assert_eq!(first, Some(opened[2].payment));
}

#[tokio::test]
async fn an_invalid_capture_names_every_bad_field_and_leaves_no_trace() {
    let world = World::new().await;
    let request = proto::CapturePaymentRequest {
        merchant_id: "ord_1".to_owned(),
        idempotency_key: "short".to_owned(),
        payment_id: String::new(),
        method_token: "4242-4242-4242-4242".to_owned(),
    };
    let status = server(&world).capture_payment(Request::new(request)).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let details = tonic_types::StatusExt::get_details_bad_request(&status).unwrap();
    let fields: Vec<_> = details.field_violations.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(fields, ["merchant_id", "idempotency_key", "payment_id", "method_token"]);
    assert!(!format!("{status:?}").contains("4242"));
    assert_eq!(world.count("SELECT count(*) FROM platform.idempotency").await, 0);
}
