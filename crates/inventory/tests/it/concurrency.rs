//! Many callers at once, through two processes' lanes on one database.

use std::collections::HashSet;

use futures::future::join_all;
use inventory::commands::{Changed, StockCommand};
use kernel::Reason;

use crate::support::{named_key, reservation, start, world};

#[tokio::test(flavor = "multi_thread")]
async fn one_unit_and_a_hundred_buyers_in_two_processes_is_one_reservation() {
    let world = world().await;
    world.done(world.receive(&[(0, 1)])).await;
    let processes = [world.inventory.clone(), start(&world.db, &world.clock)];
    let buyers = (0..100).map(|buyer| processes[buyer % 2].change(world.reserve(&[(0, 1)]), None));
    let replies = join_all(buyers).await;
    let refusals: Vec<_> = replies.iter().filter_map(|reply| reply.as_ref().err()).collect();
    assert_eq!(refusals.len(), 99);
    for refusal in refusals {
        assert_eq!(refusal.reason, Reason::InsufficientStock);
        assert_eq!(refusal.shortage[0].sku_id, world.skus[0].to_string());
    }
    assert_eq!(world.counters(0).await.reserved, 1);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_fifty_times_at_once_in_two_processes_is_one_receipt() {
    let world = world().await;
    let processes = [world.inventory.clone(), start(&world.db, &world.clock)];
    let calls = (0..50)
        .map(|call| processes[call % 2].change(world.receive_under(named_key("the one"), &[(0, 5)]), None));
    let replies: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(replies.iter().filter(|done| !done.replayed).count(), 1);
    let values: Vec<&Changed> = replies.iter().map(|done| &done.value).collect();
    assert!(values.iter().all(|value| *value == values[0]), "50 equal answers");
    assert_eq!(world.counters(0).await.on_hand, 5);
    let reused = world.inventory.change(world.receive_under(named_key("the one"), &[(0, 6)]), None).await;
    assert_eq!(reused.unwrap_err().reason, Reason::IdempotencyKeyReused);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn baskets_over_the_same_skus_in_opposite_order_all_get_their_stock() {
    let world = world().await;
    world.done(world.receive(&[(0, 200), (1, 200)])).await;
    let processes = [world.inventory.clone(), start(&world.db, &world.clock)];
    let basket = |at: usize| -> StockCommand {
        if at % 4 < 2 { world.reserve(&[(0, 1), (1, 1)]) } else { world.reserve(&[(1, 1), (0, 1)]) }
    };
    let replies = join_all((0..200).map(|at| processes[at % 2].change(basket(at), None))).await;
    let ids: HashSet<_> =
        replies.into_iter().map(|reply| reservation(reply.unwrap().value).0.reservation_id).collect();
    assert_eq!(ids.len(), 200);
    assert_eq!((world.counters(0).await.reserved, world.counters(1).await.reserved), (200, 200));
    world.assert_sound().await;
}
