//! Shipments in parts, and goods that were promised and are not there.

use kernel::Reason;

use crate::support::{cancel, deliver, moved, refused, ship, start_processing, world};

#[tokio::test(flavor = "multi_thread")]
async fn an_order_leaves_in_parts_and_is_shipped_with_the_last() {
    let world = world().await;
    world.receive(0, 5).await;
    world.receive(1, 5).await;
    let order = world.confirmed(&[(0, 3), (1, 2)]).await;
    moved(&world.batch(vec![(order, ship(&[(1, 1)], "T1"))]).await[0]);
    assert_eq!(world.state(order).await, "PROCESSING");
    assert_eq!((world.stock(0).await.on_hand, world.stock(0).await.reserved), (4, 2));
    world.assert_sound().await;
    moved(&world.batch(vec![(order, ship(&[(1, 2), (2, 1)], "T1"))]).await[0]);
    assert_eq!(refused(&world.batch(vec![(order, deliver())]).await[0]).reason, Reason::IllegalTransition);
    world.assert_sound().await;
    moved(&world.batch(vec![(order, ship(&[], ""))]).await[0]);
    let shown = world.call_get(&order.to_string()).await.unwrap();
    assert_eq!(shown.lines.iter().map(|line| line.shipped_quantity).collect::<Vec<_>>(), [3, 2]);
    assert_eq!(shown.shipments.len(), 3);
    assert_eq!(world.history(order).await.0.len(), 4, "a further part is no transition");
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_left_in_part_is_not_cancelled_though_it_holds_no_money() {
    let world = world().await;
    world.receive(0, 5).await;
    let order = world.confirmed(&[(0, 3)]).await;
    moved(&world.batch(vec![(order, ship(&[(1, 1)], ""))]).await[0]);
    let verdicts = world.batch(vec![(order, cancel())]).await;
    let refusal = refused(&verdicts[0]);
    assert_eq!((refusal.reason, refusal.metadata["shipments"].as_str()), (Reason::IllegalTransition, "1"));
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shipment_of_goods_that_are_gone_is_refused_and_the_rest_of_the_batch_is_not() {
    let world = world().await;
    world.receive(0, 5).await;
    world.receive(1, 5).await;
    let gone = world.confirmed(&[(0, 5)]).await;
    let there = world.confirmed(&[(1, 2)]).await;
    let idle = world.confirmed(&[(1, 1)]).await;
    world.lose(0, 2).await;
    let batch = vec![(gone, ship(&[], "T1")), (there, ship(&[], "T2")), (idle, start_processing())];
    let verdicts = world.batch(batch).await;
    let refusal = refused(&verdicts[0]);
    assert_eq!(refusal.reason, Reason::InsufficientStock);
    assert_eq!(refusal.shortage[0].sku_id, world.skus[0].to_string());
    assert!(refusal.shortage[0].sku_code.starts_with("code-"), "named for people: {refusal}");
    assert_eq!((refusal.shortage[0].wanted, refusal.shortage[0].available), (5, 3));
    moved(&verdicts[1]);
    moved(&verdicts[2]);
    assert_eq!(world.state(gone).await, "CONFIRMED");
    assert_eq!(world.count("SELECT count(*) FROM orders.tracking_numbers").await, 1);
    world.assert_sound().await;
    moved(&world.batch(vec![(gone, ship(&[(1, 3)], "T1"))]).await[0]);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_goes_to_the_shipments_that_came_first() {
    let world = world().await;
    world.receive(0, 6).await;
    let mut orders = Vec::new();
    for units in [2, 3, 1] {
        orders.push(world.confirmed(&[(0, units)]).await);
    }
    world.lose(0, 3).await;
    let verdicts = world.batch(orders.iter().map(|order| (*order, ship(&[], ""))).collect()).await;
    moved(&verdicts[0]);
    let refusal = refused(&verdicts[1]);
    assert_eq!((refusal.shortage[0].wanted, refusal.shortage[0].available), (3, 1));
    moved(&verdicts[2]);
    assert_eq!((world.stock(0).await.on_hand, world.stock(0).await.reserved), (0, 3));
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_cancelled_behind_its_own_refused_shipment_with_all_that_it_holds() {
    let world = world().await;
    world.receive(0, 5).await;
    world.receive(1, 5).await;
    let order = world.confirmed(&[(0, 5), (1, 2)]).await;
    world.lose(0, 1).await;
    let verdicts = world.batch(vec![(order, ship(&[(1, 5)], "T1")), (order, cancel())]).await;
    assert_eq!(refused(&verdicts[0]).reason, Reason::InsufficientStock);
    moved(&verdicts[1]);
    assert_eq!(world.state(order).await, "CANCELLED");
    assert_eq!((world.stock(0).await.reserved, world.stock(1).await.reserved), (0, 0));
    assert_eq!(world.count("SELECT count(*) FROM orders.tracking_numbers").await, 0);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_shipment_leaves_its_lines_to_the_shipments_behind_it() {
    let world = world().await;
    for place in 0..3 {
        world.receive(place, 2).await;
    }
    let order = world.confirmed(&[(0, 2), (1, 2), (2, 2)]).await;
    world.lose(0, 1).await;
    let batch = vec![
        (order, ship(&[(1, 2), (2, 1)], "T1")),
        (order, ship(&[(2, 2), (3, 1)], "T2")),
        (order, ship(&[(2, 1)], "T3")),
    ];
    let verdicts = world.batch(batch).await;
    assert_eq!(refused(&verdicts[0]).reason, Reason::InsufficientStock);
    moved(&verdicts[1]);
    assert_eq!(refused(&verdicts[2]).reason, Reason::QuantityExceedsOpen);
    assert_eq!(world.count("SELECT count(*) FROM orders.tracking_numbers").await, 1);
    world.assert_sound().await;
}
