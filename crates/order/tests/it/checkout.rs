//! `PlaceOrder` with a payment: the order is placed whatever becomes of its money.

use std::sync::Arc;

use contract::purser::order::v1 as proto;
use contract::purser::order::v1::order_service_server::OrderService;
use order::grpc::OrderServer;
use order::payments::Remote;
use platform::grpc::client;
use proto::order::State;
use tonic::Request;

use crate::support::{World, key, start, world};

fn paid(world: &World, token: &str) -> proto::PlaceOrderRequest {
    proto::PlaceOrderRequest {
        payment: Some(proto::PlaceOrderPayment { method_token: token.to_owned() }),
        ..world.place_request(&key(), &[(0, 1)])
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_order_is_confirmed_and_its_repetition_charges_nothing() {
    let world = world().await;
    world.receive(0, 9).await;
    let request = paid(&world, "pm_card_visa");
    let first = world.call_place(request.clone()).await.unwrap();
    let order = first.order.clone().unwrap();
    assert_eq!((order.state(), order.captured), (State::Confirmed, order.total));
    assert_eq!(first.payment_failure, None);
    let again = world.call_place(request).await.unwrap();
    assert!(again.replayed);
    assert_eq!((&again.order, &again.payment_id), (&first.order, &first.payment_id));
    assert_eq!(world.provider.charges().len(), 1);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_order_waits_for_another_payment_and_says_why() {
    let world = world().await;
    world.receive(0, 9).await;
    let request = paid(&world, "pm_card_chargeDeclined");
    let first = world.call_place(request.clone()).await.unwrap();
    assert_eq!(first.order.as_ref().unwrap().state(), State::Pending);
    assert_eq!(first.payment_failure.as_ref().unwrap().reason, "PAYMENT_DECLINED");
    let again = world.call_place(request).await.unwrap();
    assert_eq!(again.payment_failure.unwrap().reason, "PAYMENT_DECLINED");
    assert!(world.provider.charges().is_empty());
    world.pay(first.order.unwrap().order_id.parse().unwrap()).await;
    assert_eq!(world.provider.charges().len(), 1);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_placed_while_the_payment_service_cannot_be_reached_and_paid_when_it_can() {
    let world = world().await;
    world.receive(0, 9).await;
    let nobody = format!("http://127.0.0.1:{}", testkit::free_port());
    let remote = Arc::new(Remote::new(client::connect(&nobody).unwrap()));
    let cut_off = OrderServer::new(start(&world.db, &world.clock, remote));
    let request = paid(&world, "pm_card_visa");
    let response = cut_off.place_order(Request::new(request.clone())).await.unwrap().into_inner();
    assert_eq!(response.order.as_ref().unwrap().state(), State::Pending);
    assert_eq!(response.payment_failure.unwrap().reason, "PAYMENT_OUTCOME_UNKNOWN");
    let again = world.call_place(request).await.unwrap();
    assert_eq!(again.order.unwrap().state(), State::Confirmed);
    assert_eq!(world.provider.charges().len(), 1);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_with_nothing_to_pay_charges_no_card() {
    let world = world().await;
    world.receive(0, 9).await;
    let request = proto::PlaceOrderRequest {
        discount: Some(crate::support::money(1_000)),
        ..paid(&world, "pm_card_visa")
    };
    let response = world.call_place(request).await.unwrap();
    assert_eq!(response.order.unwrap().state(), State::Confirmed);
    assert_eq!((response.payment_id.as_str(), response.payment_failure), ("", None));
    assert!(world.provider.charges().is_empty());
    world.assert_sound().await;
}
