//! The worker that ends reservations whose time is over.

use std::time::Duration;

use testkit::eventually;
use tokio_util::sync::CancellationToken;

use crate::support::{World, reservation, start, world};

const PATIENCE: Duration = Duration::from_secs(20);

async fn until_none_is_due(world: &World) {
    eventually(PATIENCE, async || {
        let due = world.count("SELECT count(*) FROM inventory.reservation_expiries").await;
        (due == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_end_every_overdue_reservation_once_and_spare_what_has_time_left() {
    let world = world().await;
    world.done(world.receive(&[(0, 1_000)])).await;
    // More than one pass of one worker takes.
    let batch = (0..300).map(|_| world.reserve_for(Duration::from_secs(60), &[(0, 1)])).collect();
    world.batch(batch).await.unwrap();
    let stop = CancellationToken::new();
    let second = start(&world.db, &world.clock);
    let workers = [world.inventory.clone(), second.clone()]
        .map(|inventory| tokio::spawn(inventory.expire_reservations(stop.clone())));
    world.clock.advance(time::Duration::minutes(1));
    world.inventory.look_for_expired();
    second.look_for_expired();
    until_none_is_due(&world).await;
    assert_eq!(world.counters(0).await.reserved, 0);
    let told = "SELECT count(*) FROM inventory.movements WHERE kind = 'EXPIRED' AND actor = 'system:expiry'";
    assert_eq!(world.count(told).await, 300);
    world.assert_sound().await;

    let (held, _) = reservation(world.done(world.reserve(&[(0, 7)])).await);
    world.batch(vec![world.reserve_for(Duration::from_secs(1), &[(0, 1)])]).await.unwrap();
    world.clock.advance(time::Duration::seconds(2));
    world.inventory.look_for_expired();
    eventually(PATIENCE, async || {
        let due = world.count("SELECT count(*) FROM inventory.reservation_expiries").await;
        (due == 1).then_some(())
    })
    .await;
    assert_eq!(world.counters(0).await.reserved, 7);
    assert!(held.expires_at > world.clock.now());
    stop.cancel();
    for worker in workers {
        tokio::time::timeout(PATIENCE, worker).await.expect("a cancelled worker ends").unwrap();
    }
    world.inventory.drain().await;
    second.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn holds_of_orders_are_none_of_the_workers_business() {
    let world = world().await;
    world.done(world.receive(&[(0, 10)])).await;
    // An order's hold, overdue for long.
    let sql = "INSERT INTO inventory.holds (owner_id, owner_kind, sku_id, location, merchant_id, quantity, expires_at)
        VALUES (gen_random_uuid(), 'ORDER', $1, 'main', $2, 4, now() - interval '1 hour')";
    world.admin.execute(sql, &[&world.skus[0].uuid(), &world.merchant.uuid()]).await.unwrap();
    world.admin.execute("UPDATE inventory.stock SET reserved = 4", &[]).await.unwrap();
    world.batch(vec![world.reserve_for(Duration::from_secs(1), &[(0, 1)])]).await.unwrap();
    let stop = CancellationToken::new();
    let worker = tokio::spawn(world.inventory.clone().expire_reservations(stop.clone()));
    world.clock.advance(time::Duration::hours(1));
    world.inventory.look_for_expired();
    until_none_is_due(&world).await;
    assert_eq!(world.counters(0).await.reserved, 4);
    assert_eq!(world.count("SELECT count(*) FROM inventory.holds WHERE owner_kind = 'ORDER'").await, 1);
    stop.cancel();
    worker.await.unwrap();
}
