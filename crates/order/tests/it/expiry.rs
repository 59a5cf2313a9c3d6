//! The worker that ends overdue orders.

use order::workers::expiry;

use crate::support::world;

#[tokio::test(flavor = "multi_thread")]
async fn overdue_orders_expire_and_those_with_time_or_money_do_not() {
    let world = world().await;
    world.receive(0, 100).await;
    let paid = world.place(&[(0, 1)]).await.order_id;
    world.pay(paid).await;
    let mut overdue = Vec::new();
    for _ in 0..3 {
        overdue.push(world.place(&[(0, 1)]).await.order_id);
    }
    let in_flight = world.place(&[(0, 1)]).await.order_id;
    world.put_money_in_flight(in_flight).await;
    world.clock.advance(time::Duration::minutes(16));
    let timely = world.place(&[(0, 1)]).await.order_id;

    assert_eq!(expiry::run_once(&world.orders).await.unwrap(), 4);
    for order in overdue {
        assert_eq!(world.state(order).await, "CANCELLED");
    }
    assert_eq!(world.state(in_flight).await, "PENDING");
    assert_eq!(world.state(timely).await, "PENDING");
    assert_eq!(world.state(paid).await, "CONFIRMED");
    assert_eq!(world.stock(0).await.reserved, 3);

    world.clear_money_in_flight().await;
    assert_eq!(expiry::run_once(&world.orders).await.unwrap(), 1);
    assert_eq!(world.state(in_flight).await, "CANCELLED");
    assert_eq!(expiry::run_once(&world.orders).await.unwrap(), 0);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_whose_money_is_in_flight_do_not_hide_the_overdue_ones_behind_them() {
    let world = world().await;
    world.receive(0, 400).await;
    // More than one round of the worker, and the oldest.
    let batch = (0..260).map(|_| world.order(&[(0, 1)])).collect();
    world.place_batch(batch).await.unwrap();
    let all = "INSERT INTO payments.in_flight
            (operation_id, merchant_id, payment_id, order_id, lease_token, lease_until, next_check_at, created_time)
        SELECT gen_random_uuid(), merchant_id, id, order_id, gen_random_uuid(), now(), now(), now()
        FROM payments.payments";
    world.admin.execute(all, &[]).await.unwrap();
    world.clock.advance(time::Duration::seconds(1));
    let behind = world.place(&[(0, 1)]).await.order_id;
    world.clock.advance(time::Duration::minutes(16));
    assert_eq!(expiry::run_once(&world.orders).await.unwrap(), 261);
    assert_eq!(world.state(behind).await, "CANCELLED");
    assert_eq!(world.stock(0).await.reserved, 260);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_at_once_expire_each_order_once() {
    let world = world().await;
    world.receive(0, 100).await;
    for _ in 0..20 {
        world.place(&[(0, 1)]).await;
    }
    world.clock.advance(time::Duration::minutes(16));
    let other = world.second_process();
    let (one, two) = futures::join!(expiry::run_once(&world.orders), expiry::run_once(&other));
    one.unwrap();
    two.unwrap();
    assert_eq!(world.count("SELECT count(*) FROM orders.orders WHERE state = 'CANCELLED'").await, 20);
    assert_eq!(world.count("SELECT count(*) FROM orders.history").await, 40);
    assert_eq!(world.stock(0).await.reserved, 0);
    world.assert_sound().await;
}
