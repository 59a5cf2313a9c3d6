//! What may follow what, and what money has to say about it.

use kernel::Reason;

use crate::support::{World, cancel, deliver, moved, no_op, refused, ship, start_processing, world};

async fn refusal_of(
    world: &World,
    order: kernel::OrderId,
    step: (&'static str, order::domain::fulfilment::Action),
) -> [String; 3] {
    let refusal = refused(&world.batch(vec![(order, step)]).await[0]);
    assert_eq!(refusal.reason, Reason::IllegalTransition);
    ["from", "to", "allowed"].map(|fact| refusal.metadata[fact].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_illegal_transition_names_where_the_order_stands_and_what_may_follow() {
    let world = world().await;
    world.receive(0, 9).await;
    let order = world.place(&[(0, 1)]).await.order_id;
    let before = world.footprint().await;
    let pending = "CONFIRMED,CANCELLED";
    assert_eq!(refusal_of(&world, order, start_processing()).await, ["PENDING", "PROCESSING", pending]);
    assert_eq!(refusal_of(&world, order, ship(&[], "T")).await, ["PENDING", "SHIPPED", pending]);
    assert_eq!(refusal_of(&world, order, deliver()).await, ["PENDING", "DELIVERED", pending]);
    assert_eq!(world.footprint().await, before, "a refusal leaves nothing behind");
    moved(&world.batch(vec![(order, cancel())]).await[0]);
    assert_eq!(refusal_of(&world, order, start_processing()).await, ["CANCELLED", "PROCESSING", ""]);

    let order = world.confirmed(&[(0, 1)]).await;
    moved(&world.batch(vec![(order, ship(&[], ""))]).await[0]);
    assert_eq!(refusal_of(&world, order, cancel()).await, ["SHIPPED", "CANCELLED", "DELIVERED,REFUNDED"]);
    moved(&world.batch(vec![(order, deliver())]).await[0]);
    no_op(&world.batch(vec![(order, deliver())]).await[0]);
    assert_eq!(refusal_of(&world, order, ship(&[], "")).await, ["DELIVERED", "SHIPPED", "REFUNDED"]);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_holds_captured_money_is_not_cancelled() {
    let world = world().await;
    world.receive(0, 9).await;
    let order = world.place(&[(0, 2)]).await.order_id;
    world.pay(order).await;
    let refusal = refused(&world.batch(vec![(order, cancel())]).await[0]);
    assert_eq!(refusal.reason, Reason::IllegalTransition);
    assert_eq!(refusal.metadata["captured_minor"], "2000");
    moved(&world.batch(vec![(order, ship(&[], ""))]).await[0]);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_whose_money_is_in_flight_is_not_cancelled_until_its_outcome_is_known() {
    let world = world().await;
    world.receive(0, 9).await;
    let [order, other] = [world.place(&[(0, 2)]).await.order_id, world.place(&[(0, 2)]).await.order_id];
    world.put_money_in_flight(order).await;
    let verdicts = world.batch(vec![(order, cancel()), (other, cancel())]).await;
    let refusal = refused(&verdicts[0]);
    assert_eq!(refusal.reason, Reason::OperationPending);
    assert!(refusal.retry_after_ms.is_some());
    moved(&verdicts[1]);
    assert_eq!(world.state(order).await, "PENDING");
    world.clear_money_in_flight().await;
    moved(&world.batch(vec![(order, cancel())]).await[0]);
    let voided = "SELECT count(*) FROM payments.payments WHERE state = 'VOIDED'";
    assert_eq!(world.count(voided).await, 2);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_order_takes_no_money() {
    let world = world().await;
    world.receive(0, 9).await;
    let order = world.place(&[(0, 2)]).await;
    moved(&world.batch(vec![(order.order_id, cancel())]).await[0]);
    let payment = "SELECT id FROM payments.payments WHERE order_id = $1";
    let payment = world.admin.query_one(payment, &[&order.order_id.uuid()]).await.unwrap().get(0);
    let request = payment::capture::CaptureRequest {
        merchant_id: world.merchant,
        key: crate::support::key(),
        payment_id: kernel::id::PaymentId::from_uuid(payment),
        method_token: "pm_card_visa".to_owned(),
        actor: crate::support::ACTOR.to_owned(),
    };
    world.payments.capture(request, None).await.unwrap_err();
    assert!(world.provider.charges().is_empty());
    assert_eq!(world.state(order.order_id).await, "CANCELLED");
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_cancellation_answers_the_same_and_gives_nothing_back_again() {
    let world = world().await;
    world.receive(0, 9).await;
    let order = world.place(&[(0, 2)]).await.order_id.to_string();
    world.place(&[(0, 2)]).await;
    let key = crate::support::key();
    let first = world.call_cancel(&key, &order).await.unwrap();
    let again = world.call_cancel(&key, &order).await.unwrap();
    assert_eq!((first.replayed, again.replayed, first.no_op, again.no_op), (false, true, false, false));
    assert_eq!(first.order, again.order);
    assert!(world.call_cancel(&crate::support::key(), &order).await.unwrap().no_op);
    assert_eq!(world.stock(0).await.reserved, 2);
    world.assert_sound().await;
}
