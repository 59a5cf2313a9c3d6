//! Stock of overdue orders is there for whoever wants it, and is given back once.

use std::sync::Arc;

use kernel::Reason;
use order::money::OrderBook;
use payment::orders::{Orders, Pinned};
use platform::db::{DbError, Locking, Tx};

use crate::support::{World, expire, moved, placed, refused, world};

const OVERDUE: time::Duration = time::Duration::minutes(16);

async fn buy(world: &World, lines: &[(usize, i64)]) -> order::commands::place_order::Placed {
    crate::support::done(&world.place_batch(vec![world.order(lines)]).await.unwrap()[0])
}

#[tokio::test(flavor = "multi_thread")]
async fn one_short_line_of_three_reserves_nothing_and_every_short_line_is_named() {
    let world = world().await;
    world.receive(0, 5).await;
    world.receive(1, 1).await;
    let before = world.footprint().await;
    let verdicts = world.place_batch(vec![world.order(&[(0, 5), (1, 2), (2, 1)])]).await.unwrap();
    let refusal = refused(&verdicts[0]);
    assert_eq!(refusal.reason, Reason::InsufficientStock);
    let short: Vec<(&str, i64, i64)> =
        refusal.shortage.iter().map(|line| (line.sku_id.as_str(), line.wanted, line.available)).collect();
    let [_, second, third] = world.skus.map(|sku| sku.to_string());
    assert_eq!(short, [(second.as_str(), 2, 1), (third.as_str(), 1, 0)]);
    assert_eq!(world.footprint().await, before, "nothing was written, not even the key");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overdue_hold_is_reclaimed_at_placement_and_its_order_expires_without_giving_it_back_again() {
    let world = world().await;
    world.receive(0, 10).await;
    let overdue = world.place(&[(0, 5)]).await.order_id;
    world.clock.advance(OVERDUE);
    let kept = world.place(&[(0, 5)]).await.order_id;
    assert_eq!(world.stock(0).await.reserved, 10, "nothing is reclaimed while there is enough");
    buy(&world, &[(0, 5)]).await;
    assert_eq!(world.stock(0).await.reserved, 10);
    world.assert_sound().await;

    let verdicts = world.batch(vec![(overdue, expire()), (kept, expire())]).await;
    moved(&verdicts[0]);
    assert_eq!(world.stock(0).await.reserved, 10, "two orders hold ten units");
    assert_eq!(world.state(overdue).await, "CANCELLED");
    assert_eq!(world.state(kept).await, "PENDING");
    world.assert_sound().await;
    let verdicts = world.place_batch(vec![world.order(&[(0, 1)])]).await.unwrap();
    assert_eq!(refused(&verdicts[0]).reason, Reason::InsufficientStock);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_reclaimed_line_of_three_leaves_the_others_to_the_expiry() {
    let world = world().await;
    for place in 0..3 {
        world.receive(place, 4).await;
    }
    let overdue = world.place(&[(0, 4), (1, 4), (2, 4)]).await.order_id;
    world.clock.advance(OVERDUE);
    buy(&world, &[(1, 3)]).await;
    let reserved =
        async || [world.stock(0).await, world.stock(1).await, world.stock(2).await].map(|s| s.reserved);
    assert_eq!(reserved().await, [4, 3, 4]);
    world.assert_sound().await;
    moved(&world.batch(vec![(overdue, expire())]).await[0]);
    assert_eq!(reserved().await, [0, 3, 0]);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn within_one_batch_a_reclaimed_hold_goes_to_whoever_came_first() {
    let world = world().await;
    world.receive(0, 5).await;
    world.place(&[(0, 5)]).await;
    world.clock.advance(OVERDUE);
    let batch = vec![world.order(&[(0, 3)]), world.order(&[(0, 3)]), world.order(&[(0, 2)])];
    let verdicts = world.place_batch(batch).await.unwrap();
    placed(&verdicts[0]);
    assert_eq!(refused(&verdicts[1]).shortage[0].available, 2);
    placed(&verdicts[2]);
    assert_eq!(world.stock(0).await.reserved, 5);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_reclaimed_row_lets_one_order_take_is_reclaimed_for_the_next() {
    let world = world().await;
    world.receive(0, 1).await;
    world.receive(1, 10).await;
    world.place(&[(0, 1), (1, 5)]).await;
    world.clock.advance(OVERDUE);
    // Only the first row is short at first; with it the first order takes what the second would have had.
    let verdicts =
        world.place_batch(vec![world.order(&[(0, 1), (1, 5)]), world.order(&[(1, 5)])]).await.unwrap();
    placed(&verdicts[0]);
    placed(&verdicts[1]);
    assert_eq!((world.stock(0).await.reserved, world.stock(1).await.reserved), (1, 10));
    world.assert_sound().await;
}

/// Pins, as the first transaction of a capture does.
async fn pin(world: &World, order: kernel::OrderId) -> Vec<Pinned> {
    let orders = [(world.merchant, order)];
    let tx = Tx::new(world.db.write().await.unwrap(), Locking::Wait);
    tx.begin().await.unwrap();
    OrderBook.lock(&tx, &orders).await.unwrap();
    let pinned = OrderBook.pin(&tx, world.clock.now(), &orders).await.unwrap();
    tx.commit().await.unwrap();
    pinned
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pinned_hold_is_not_reclaimed_however_long_it_is_overdue() {
    let world = world().await;
    world.receive(0, 5).await;
    let paying = world.place(&[(0, 5)]).await.order_id;
    assert_eq!(pin(&world, paying).await, [Pinned::Held]);
    world.clock.advance(OVERDUE);
    let verdicts = world.place_batch(vec![world.order(&[(0, 1)])]).await.unwrap();
    assert_eq!(refused(&verdicts[0]).reason, Reason::InsufficientStock);
    assert_eq!(world.stock(0).await.reserved, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_that_is_reclaimed_while_it_is_being_pinned_makes_the_capture_look_again() {
    let world = world().await;
    world.receive(0, 5).await;
    let orders = [(world.merchant, world.place(&[(0, 5)]).await.order_id)];
    let reclaiming = world.database.client().await;
    reclaiming.batch_execute("BEGIN; DELETE FROM inventory.holds").await.unwrap();
    let tx = Tx::new(world.db.write().await.unwrap(), Locking::WaitLong);
    tx.begin().await.unwrap();
    OrderBook.lock(&tx, &orders).await.unwrap();
    let committing = async {
        testkit::eventually(std::time::Duration::from_secs(10), async || {
            let sql = "SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock'";
            (world.count(sql).await == 1).then_some(())
        })
        .await;
        reclaiming.batch_execute("COMMIT").await.unwrap();
    };
    let (pinned, ()) = futures::join!(OrderBook.pin(&tx, world.clock.now(), &orders), committing);
    assert!(matches!(pinned, Err(DbError::Changed(_))), "{pinned:?}");
    tx.rollback().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capture_takes_reclaimed_stock_again_or_names_what_is_short_and_pins_nothing() {
    let world = world().await;
    world.receive(0, 5).await;
    world.receive(1, 5).await;
    let overdue = world.place(&[(0, 5), (1, 1)]).await.order_id;
    world.clock.advance(OVERDUE);
    let other = world.place(&[(0, 3)]).await.order_id;
    let pinned = pin(&world, overdue).await;
    let [Pinned::Short(short)] = &pinned[..] else { panic!("not short: {pinned:?}") };
    assert_eq!((short[0].wanted, short[0].available), (5, 2));
    assert!(short[0].sku_code.starts_with("code-"));
    assert_eq!(world.count("SELECT count(*) FROM inventory.holds WHERE pinned").await, 0);
    world.assert_sound().await;

    moved(&world.batch(vec![(other, crate::support::cancel())]).await[0]);
    world.pay(overdue).await;
    assert_eq!(world.state(overdue).await, "CONFIRMED");
    assert_eq!((world.stock(0).await.reserved, world.stock(1).await.reserved), (5, 1));
    assert_eq!(world.count("SELECT count(*) FROM inventory.holds WHERE expires_at IS NOT NULL").await, 0);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn buyers_at_once_in_two_processes_share_what_overdue_orders_held() {
    let world = world().await;
    world.receive(0, 20).await;
    for _ in 0..10 {
        world.place(&[(0, 2)]).await;
    }
    world.clock.advance(OVERDUE);
    let processes = [world.orders.clone(), world.second_process()];
    let calls = (0..40).map(|call: usize| processes[call % 2].place.submit(world.order(&[(0, 1)]), None));
    let replies = futures::future::join_all(calls).await;
    let refused: Vec<_> = replies.into_iter().filter_map(Result::err).collect();
    assert_eq!(refused.len(), 20);
    assert!(refused.iter().all(|refusal| refusal.reason == Reason::InsufficientStock), "{refused:?}");
    assert_eq!(world.stock(0).await.reserved, 20);
    world.assert_sound().await;
    let seen = order::workers::expiry::run_once(&Arc::new(world.orders.clone())).await.unwrap();
    assert_eq!(seen, 10);
    assert_eq!(world.stock(0).await.reserved, 20);
    world.assert_sound().await;
}
