//! Many callers at once, through the lanes of one process and of two on one database.

use std::collections::HashSet;

use futures::future::join_all;
use kernel::{Fingerprint, OrderId, Reason};
use order::commands::place_order::PlaceOrder;
use order::grpc::OrderServer;

use contract::purser::order::v1::order_service_server::OrderService;
use platform::grpc::status;
use tonic::Request;

use crate::support::{World, key, named_key, order_of, reason, world};

async fn a_hundred_buyers_of_one_unit(world: &World, processes: &[order::Orders]) {
    world.receive(0, 1).await;
    let buyers =
        (0..100).map(|buyer| processes[buyer % processes.len()].place.submit(world.order(&[(0, 1)]), None));
    let replies = join_all(buyers).await;
    let refusals: Vec<_> = replies.iter().filter_map(|reply| reply.as_ref().err()).collect();
    assert_eq!(refusals.len(), 99);
    for refusal in refusals {
        assert_eq!(refusal.reason, Reason::InsufficientStock, "{refusal:?}");
        assert_eq!(refusal.shortage[0].sku_id, world.skus[0].to_string());
        assert!(refusal.shortage[0].sku_code.starts_with("code-"));
    }
    assert_eq!(world.count("SELECT count(*) FROM orders.orders").await, 1);
    assert_eq!(world.count("SELECT count(*) FROM platform.idempotency").await, 1, "refusals leave no key");
    assert_eq!(world.stock(0).await.reserved, 1);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_buyers_of_one_unit_make_one_order() {
    let world = world().await;
    a_hundred_buyers_of_one_unit(&world, std::slice::from_ref(&world.orders)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_buyers_of_one_unit_in_two_processes_make_one_order() {
    let world = world().await;
    let processes = [world.orders.clone(), world.second_process()];
    a_hundred_buyers_of_one_unit(&world, &processes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn baskets_over_the_same_skus_in_opposite_order_are_filled_without_a_deadlock() {
    let world = world().await;
    world.receive(0, 150).await;
    world.receive(1, 150).await;
    let processes = [world.orders.clone(), world.second_process()];
    let basket = |at: usize| {
        let lines = if at % 4 < 2 { [(0, 1), (1, 1)] } else { [(1, 1), (0, 1)] };
        processes[at % 2].place.submit(world.order(&lines), None)
    };
    let replies = join_all((0..200).map(basket)).await;
    let refused: Vec<Reason> =
        replies.iter().filter_map(|reply| reply.as_ref().err()).map(|refusal| refusal.reason).collect();
    assert_eq!(refused, vec![Reason::InsufficientStock; 50]);
    let orders: HashSet<OrderId> = replies.iter().flatten().map(|reply| order_of(&reply.value)).collect();
    assert_eq!(orders.len(), 150);
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(world.count(deadlocks).await, 0);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_fifty_times_at_once_is_one_order_and_fifty_equal_answers() {
    for processes in [1, 2] {
        let world = world().await;
        world.receive(0, 100).await;
        let servers = [world.orders.clone(), world.second_process()].map(OrderServer::new);
        let request = world.place_request(&named_key("the one"), &[(0, 2)]);
        let calls = (0..50).map(|call| servers[call % processes].place_order(Request::new(request.clone())));
        let answers: Vec<_> =
            join_all(calls).await.into_iter().map(|answer| answer.unwrap().into_inner()).collect();
        assert_eq!(answers.iter().filter(|answer| answer.replayed).count(), 49);
        for answer in &answers {
            assert_eq!((&answer.order, &answer.payment_id), (&answers[0].order, &answers[0].payment_id));
        }
        assert_eq!(world.count("SELECT count(*) FROM orders.orders").await, 1);
        assert_eq!(world.stock(0).await.reserved, 2);
        world.assert_sound().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_requests_that_share_a_key_at_once_are_one_order_and_the_other_is_refused() {
    let world = world().await;
    world.receive(0, 1_000).await;
    let servers = [world.orders.clone(), world.second_process()].map(OrderServer::new);
    let bodies = [1, 2].map(|units| world.place_request(&named_key("shared"), &[(0, units)]));
    let calls = (0..40).map(|call| servers[call % 2].place_order(Request::new(bodies[call / 2 % 2].clone())));
    let answers = join_all(calls).await;
    let accepted: HashSet<String> =
        answers.iter().flatten().map(|answer| answer.get_ref().order.clone().unwrap().order_id).collect();
    assert_eq!(accepted.len(), 1);
    let refused: Vec<Reason> = answers
        .iter()
        .filter_map(|answer| answer.as_ref().err())
        .map(|refused| status::refusal(refused).unwrap().reason)
        .collect();
    assert_eq!(refused, vec![Reason::IdempotencyKeyReused; 20]);
    assert_eq!(world.count("SELECT count(*) FROM orders.orders").await, 1);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_names_one_request_of_one_method() {
    let world = world().await;
    world.receive(0, 10).await;
    let first = world.call_place(world.place_request(&named_key("first"), &[(0, 1)])).await.unwrap();
    let other_body = world.call_place(world.place_request(&named_key("first"), &[(0, 2)])).await;
    assert_eq!(reason(other_body), Reason::IdempotencyKeyReused);
    let order_id = first.order.unwrap().order_id;
    let other_method = world.call_cancel(&named_key("first"), &order_id).await;
    assert_eq!(reason(other_method), Reason::IdempotencyKeyReused);
    assert!(world.call_cancel(&named_key("second"), &order_id).await.is_ok());
    let back = world.call_place(world.place_request(&named_key("second"), &[(0, 1)])).await;
    assert_eq!(reason(back), Reason::IdempotencyKeyReused);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_client_reference_at_once_in_two_processes_belongs_to_one_order() {
    let world = world().await;
    world.receive(0, 100).await;
    let processes = [world.orders.clone(), world.second_process()];
    let order = |_| {
        let order = world.order_with_reference("536365", &[(0, 1)]);
        let fingerprint = Fingerprint::of("PlaceOrder").text(&order.order_id.to_string()).finish();
        let claim = platform::idempotency::Claim { fingerprint, key: key(), ..order.claim.clone() };
        PlaceOrder { claim, ..order }
    };
    let calls = (0..20).map(|call| processes[call % 2].place.submit(order(call), None));
    let replies = join_all(calls).await;
    assert_eq!(replies.iter().filter(|reply| reply.is_ok()).count(), 1);
    for refusal in replies.iter().filter_map(|reply| reply.as_ref().err()) {
        assert_eq!(refusal.reason, Reason::ClientReferenceTaken);
    }
    world.assert_sound().await;
}
