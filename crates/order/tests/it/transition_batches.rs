//! Batches of transitions forced to hold the commands that collide on an order, a hold or a tracking number.

use std::sync::Arc;

use kernel::{OrderId, Reason};
use order::commands::transition::Transitions;
use platform::db::Locking;

use crate::support::{
    busy, cancel, deliver, done_before, expire, key, moved, no_op, refused, ship, start_processing, world,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_fulfilment_in_one_batch_has_one_row_and_one_event_for_each_step() {
    let world = world().await;
    world.receive(0, 5).await;
    let order = world.confirmed(&[(0, 2)]).await;
    let steps = [start_processing(), ship(&[], "T1"), deliver()].map(|step| (order, step));
    for verdict in world.batch(steps.to_vec()).await {
        moved(&verdict);
    }
    let (history, events) = world.history(order).await;
    let steps = |names: [&str; 5]| (1..).zip(names.map(str::to_owned)).collect::<Vec<_>>();
    assert_eq!(history, steps(["PENDING", "CONFIRMED", "PROCESSING", "SHIPPED", "DELIVERED"]));
    let told = ["OrderPlaced", "OrderConfirmed", "OrderProcessingStarted", "OrderShipped", "OrderDelivered"];
    assert_eq!(events, steps(told));
    assert_eq!(world.count("SELECT count(*) FROM orders.fulfilment_queue").await, 0);
    assert_eq!((world.stock(0).await.on_hand, world.stock(0).await.reserved), (3, 0));
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_and_the_rest_of_an_order_leave_in_one_batch() {
    let world = world().await;
    world.receive(0, 5).await;
    world.receive(1, 5).await;
    let order = world.confirmed(&[(0, 3), (1, 2)]).await;
    let verdicts = world.batch(vec![(order, ship(&[(1, 2)], "T1")), (order, ship(&[], "T2"))]).await;
    moved(&verdicts[0]);
    moved(&verdicts[1]);
    let shown = world.call_get(&order.to_string()).await.unwrap();
    let parcels: Vec<Vec<(i32, i64)>> = shown
        .shipments
        .iter()
        .map(|shipment| shipment.lines.iter().map(|line| (line.line_no, line.quantity)).collect())
        .collect();
    assert_eq!(parcels, [vec![(1, 2)], vec![(1, 1), (2, 2)]]);
    assert_eq!(world.state(order).await, "SHIPPED");
    assert_eq!(world.count("SELECT count(*) FROM inventory.holds").await, 0);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_shipment_in_the_batch_sees_what_the_first_left_open() {
    let world = world().await;
    world.receive(0, 5).await;
    let order = world.confirmed(&[(0, 3)]).await;
    let batch = vec![
        (order, ship(&[(1, 2)], "")),
        (order, ship(&[(1, 2)], "")),
        (order, ship(&[(2, 1)], "")),
        (order, ship(&[(1, 1)], "")),
    ];
    let verdicts = world.batch(batch).await;
    moved(&verdicts[0]);
    let refusal = refused(&verdicts[1]);
    assert_eq!(refusal.reason, Reason::QuantityExceedsOpen);
    assert_eq!((refusal.metadata["wanted"].as_str(), refusal.metadata["open"].as_str()), ("2", "1"));
    assert_eq!(refused(&verdicts[2]).violations[0].field, "lines[0].line_no");
    moved(&verdicts[3]);
    assert_eq!(world.state(order).await, "SHIPPED");
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_cancellations_in_one_batch_give_the_stock_back_once() {
    let world = world().await;
    world.receive(0, 5).await;
    let order = world.place(&[(0, 2)]).await.order_id;
    world.place(&[(0, 2)]).await;
    let verdicts = world.batch(vec![(order, cancel()), (order, cancel())]).await;
    moved(&verdicts[0]);
    no_op(&verdicts[1]);
    assert_eq!(world.stock(0).await.reserved, 2);
    assert_eq!(world.history(order).await.0.len(), 2);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_and_a_shipment_in_one_batch_happen_in_arrival_order() {
    let world = world().await;
    world.receive(0, 20).await;
    let [first, second, third] = [
        world.confirmed(&[(0, 3)]).await,
        world.confirmed(&[(0, 3)]).await,
        world.confirmed(&[(0, 3)]).await,
    ];
    let batch = vec![
        (first, cancel()),
        (first, ship(&[], "T1")),
        (second, ship(&[], "T2")),
        (second, cancel()),
        (third, ship(&[(1, 1)], "T3")),
        (third, cancel()),
    ];
    let verdicts = world.batch(batch).await;
    moved(&verdicts[0]);
    assert_eq!(refused(&verdicts[1]).reason, Reason::IllegalTransition);
    moved(&verdicts[2]);
    assert_eq!(refused(&verdicts[3]).reason, Reason::IllegalTransition);
    moved(&verdicts[4]);
    let refusal = refused(&verdicts[5]);
    assert_eq!((refusal.reason, refusal.metadata["shipments"].as_str()), (Reason::IllegalTransition, "1"));
    assert_eq!(world.count("SELECT count(*) FROM orders.tracking_numbers").await, 2, "T1 was freed");
    assert_eq!(world.stock(0).await.reserved, 2);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expiry_and_a_cancellation_in_one_batch_end_the_order_once() {
    let world = world().await;
    world.receive(0, 9).await;
    let [first, second] = [world.place(&[(0, 2)]).await.order_id, world.place(&[(0, 2)]).await.order_id];
    world.clock.advance(time::Duration::minutes(16));
    let batch = vec![(first, expire()), (first, cancel()), (second, cancel()), (second, expire())];
    let verdicts = world.batch(batch).await;
    moved(&verdicts[0]);
    no_op(&verdicts[1]);
    moved(&verdicts[2]);
    assert!(matches!(&verdicts[3], platform::group_commit::Verdict::Replayed(outcome) if outcome.no_op));
    let reason = async |order: OrderId| -> String {
        let sql = "SELECT reason FROM orders.history WHERE order_id = $1 AND seq = 2";
        world.admin.query_one(sql, &[&order.uuid()]).await.unwrap().get(0)
    };
    assert_eq!((reason(first).await.as_str(), reason(second).await.as_str()), ("EXPIRED", "changed my mind"));
    let kinds = "SELECT count(*) FROM inventory.movements WHERE kind = 'EXPIRED'";
    assert_eq!(world.count(kinds).await, 1);
    let states = "SELECT count(*) FROM payments.payments WHERE state IN ('EXPIRED', 'VOIDED')";
    assert_eq!(world.count(states).await, 2);
    assert_eq!(world.stock(0).await.reserved, 0);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_merchant_naming_an_order_beside_its_owners_command_changes_nothing_of_it() {
    let world = world().await;
    world.receive(0, 9).await;
    let other = world.new_merchant().await;
    let theirs = world.sku(other, true, Some(5)).await;
    world.receive_for(other, theirs, 9).await;
    let [pending, confirmed] = [world.place(&[(0, 2)]).await.order_id, world.confirmed(&[(0, 2)]).await];
    let lines = world.order(&[(0, 1)]).lines;
    let lines = lines.into_iter().map(|line| order::domain::pricing::Wanted { sku_id: theirs, ..line });
    let their_order = world.order_of(other, key(), lines.collect());
    let their_order =
        crate::support::placed(&world.place_batch(vec![their_order]).await.unwrap()[0]).order_id;
    let batch = vec![
        world.command_of(other, pending, key(), cancel()),
        world.command_of(other, confirmed, key(), ship(&[], "T1")),
        // Both merchants have commands of their own in the batch.
        world.command(confirmed, start_processing()),
        world.command_of(other, their_order, key(), cancel()),
    ];
    let verdicts = world.try_batch(batch).await.unwrap();
    assert_eq!(refused(&verdicts[0]).reason, Reason::OrderNotFound);
    assert_eq!(refused(&verdicts[1]).reason, Reason::OrderNotFound);
    moved(&verdicts[2]);
    moved(&verdicts[3]);
    assert_eq!(world.state(pending).await, "PENDING");
    assert_eq!(world.state(confirmed).await, "PROCESSING");
    assert_eq!(world.stock(0).await.reserved, 4);
    assert_eq!(world.count("SELECT count(*) FROM orders.tracking_numbers").await, 0);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tracking_number_belongs_to_one_order_of_a_batch_and_of_all_later_ones() {
    let world = world().await;
    world.receive(0, 9).await;
    let [first, second] = [world.confirmed(&[(0, 2)]).await, world.confirmed(&[(0, 2)]).await];
    let batch = [
        world.command(first, ship(&[(1, 1)], "T1")),
        world.command(second, ship(&[], "T1")),
        world.command(first, ship(&[(1, 1)], "T1")),
    ]
    .map(Arc::new);
    let verdicts = world.run(&Transitions, &batch, Locking::Wait).await.unwrap();
    moved(&verdicts[0]);
    busy(&verdicts[1]);
    moved(&verdicts[2]);
    let verdicts = world.run(&Transitions, &batch[1..2], Locking::WaitLong).await.unwrap();
    let refusal = refused(&verdicts[0]);
    assert_eq!(refusal.reason, Reason::TrackingNumberTaken);
    assert_eq!(refusal.resource.unwrap().name, first.to_string());
    moved(&world.batch(vec![(second, ship(&[], "T2"))]).await[0]);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tracking_number_of_a_refused_shipment_is_free_for_the_next() {
    let world = world().await;
    world.receive(0, 9).await;
    let [first, second] = [world.confirmed(&[(0, 2)]).await, world.confirmed(&[(0, 2)]).await];
    let batch = [
        world.command(first, ship(&[(1, 3)], "T1")),
        world.command(second, ship(&[], "T1")),
        world.command(first, start_processing()),
    ]
    .map(Arc::new);
    let verdicts = world.run(&Transitions, &batch, Locking::Wait).await.unwrap();
    assert_eq!(refused(&verdicts[0]).reason, Reason::QuantityExceedsOpen);
    busy(&verdicts[1]);
    moved(&verdicts[2]);
    moved(&world.run(&Transitions, &batch[1..2], Locking::WaitLong).await.unwrap()[0]);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_command_beside_one_found_done_leaves_its_key_and_number_free() {
    let world = world().await;
    world.receive(0, 9).await;
    let [first, second] = [world.confirmed(&[(0, 2)]).await, world.confirmed(&[(0, 2)]).await];
    let batch = [world.command(first, start_processing()), world.command(second, ship(&[(1, 3)], "T1"))]
        .map(Arc::new);
    world.run(&Transitions, &batch[..1], Locking::Wait).await.unwrap();
    let before = world.footprint().await;
    // The same batch runs again after a COMMIT that went through unheard: the first finds its own success.
    let verdicts = world.run(&Transitions, &batch, Locking::Wait).await.unwrap();
    done_before(&verdicts[0]);
    assert_eq!(refused(&verdicts[1]).reason, Reason::QuantityExceedsOpen);
    assert_eq!(world.footprint().await, before);
    world.assert_sound().await;
}
