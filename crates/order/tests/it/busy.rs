//! Rows and keys that another transaction has: only the commands that need them wait.

use std::sync::Arc;
use std::time::Duration;

use futures::future::{self, Either};
use kernel::Reason;
use order::commands::transition::Transitions;
use platform::db::Locking;
use tokio_postgres::Client;
use tokio_postgres::types::ToSql;

use crate::support::{
    PLACING, World, busy, cancel, deliver, expire, key, moved, placed, refused, ship, start_processing, world,
};

/// Another process's transaction, which has just done `sql`.
async fn other(world: &World, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Client {
    let other = world.database.client().await;
    other.batch_execute("BEGIN").await.unwrap();
    other.execute(sql, params).await.unwrap();
    other
}

const KEY: &str = "INSERT INTO platform.idempotency
        (merchant_id, scope, key, fingerprint, fingerprint_version, method, resource_id, outcome, created_time)
    VALUES ($1, 'merchant', $2, sha256('x'), 1, 'PlaceOrder', gen_random_uuid(), 'DONE', now())";
const STOCK: &str = "SELECT FROM inventory.stock WHERE sku_id = $1 FOR NO KEY UPDATE";
const ORDER: &str = "SELECT FROM orders.orders WHERE id = $1 FOR NO KEY UPDATE";
const PAYMENT: &str = "SELECT FROM payments.payments WHERE order_id = $1 FOR NO KEY UPDATE";
const REFERENCE: &str = "INSERT INTO orders.client_references (merchant_id, client_reference, order_id)
    VALUES ($1, $2, gen_random_uuid())";
const NUMBER: &str = "INSERT INTO orders.tracking_numbers (merchant_id, tracking_number, order_id)
    VALUES ($1, $2, gen_random_uuid())";

#[tokio::test(flavor = "multi_thread")]
async fn a_key_in_flight_elsewhere_holds_up_only_its_own_order() {
    let world = world().await;
    world.receive(0, 9).await;
    let blocked = world.order(&[(0, 1)]);
    let holder = other(&world, KEY, &[&world.merchant.uuid(), &blocked.claim.key.as_bytes()]).await;
    let waiting = Box::pin(world.orders.place.submit(blocked, None));
    let others =
        Box::pin(future::join_all((0..5).map(|_| world.orders.place.submit(world.order(&[(0, 1)]), None))));
    let Either::Right((replies, waiting)) = future::select(waiting, others).await else {
        panic!("the blocked order was first")
    };
    assert!(replies.iter().all(Result::is_ok), "{replies:?}");
    holder.batch_execute("ROLLBACK").await.unwrap();
    assert!(!waiting.await.unwrap().replayed);
    assert_eq!(world.stock(0).await.reserved, 6);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_stays_in_flight_is_told_to_be_in_progress() {
    let world = world().await;
    world.receive(0, 9).await;
    let blocked = world.order(&[(0, 1)]);
    let _holder = other(&world, KEY, &[&world.merchant.uuid(), &blocked.claim.key.as_bytes()]).await;
    let refusal = world.orders.place.submit(blocked, None).await.unwrap_err();
    assert_eq!(refusal.reason, Reason::IdempotencyInProgress);
    assert_eq!(refusal.retry_after_ms, Some(250));
    assert_eq!(world.stock(0).await.reserved, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_stock_row_holds_up_only_the_orders_that_want_it() {
    let world = world().await;
    world.receive(0, 9).await;
    world.receive(1, 9).await;
    let holder = other(&world, STOCK, &[&world.skus[0].uuid()]).await;
    let waiting = Box::pin(world.orders.place.submit(world.order(&[(1, 1), (0, 1)]), None));
    let others =
        Box::pin(future::join_all((0..5).map(|_| world.orders.place.submit(world.order(&[(1, 1)]), None))));
    let Either::Right((replies, waiting)) = future::select(waiting, others).await else {
        panic!("the blocked order was first")
    };
    assert!(replies.iter().all(Result::is_ok), "{replies:?}");
    holder.batch_execute("COMMIT").await.unwrap();
    waiting.await.unwrap();
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_order_holds_up_only_its_own_commands() {
    let world = world().await;
    world.receive(0, 9).await;
    let [locked, free] = [world.place(&[(0, 1)]).await.order_id, world.place(&[(0, 1)]).await.order_id];
    let holder = other(&world, ORDER, &[&locked.uuid()]).await;
    let waiting = Box::pin(world.orders.transitions.submit(world.command(locked, cancel()), None));
    let going = Box::pin(world.orders.transitions.submit(world.command(free, cancel()), None));
    let Either::Right((reply, waiting)) = future::select(waiting, going).await else {
        panic!("the blocked command was first")
    };
    reply.unwrap();
    holder.batch_execute("COMMIT").await.unwrap();
    let reply = tokio::time::timeout(Duration::from_secs(20), waiting).await.unwrap().unwrap();
    assert!(!reply.value.no_op);
    assert_eq!(world.stock(0).await.reserved, 0);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_one_batch_what_is_locked_elsewhere_makes_its_own_orders_busy_and_leaves_nothing_of_them() {
    let world = world().await;
    world.receive(0, 9).await;
    world.receive(1, 9).await;
    let batch = [
        world.order(&[(0, 1)]),
        world.order_with_reference("R1", &[(1, 1)]),
        world.order(&[(1, 1), (2, 1)]),
        world.order(&[(1, 2)]),
        world.order_with_reference("R2", &[(1, 1), (0, 1)]),
        world.order(&[(1, 1)]),
    ]
    .map(Arc::new);
    let stock = other(&world, STOCK, &[&world.skus[0].uuid()]).await;
    let key = other(&world, KEY, &[&world.merchant.uuid(), &batch[5].claim.key.as_bytes()]).await;
    let verdicts = world.run(&PLACING, &batch, Locking::Skip).await.unwrap();
    busy(&verdicts[0]);
    placed(&verdicts[1]);
    assert_eq!(
        refused(&verdicts[2]).reason,
        Reason::InsufficientStock,
        "a row that is not there is not busy"
    );
    placed(&verdicts[3]);
    busy(&verdicts[4]);
    busy(&verdicts[5]);
    assert_eq!(world.count("SELECT count(*) FROM platform.idempotency").await, 2);
    assert_eq!(world.count("SELECT count(*) FROM orders.client_references").await, 1);
    for holder in [stock, key] {
        holder.batch_execute("ROLLBACK").await.unwrap();
    }
    let rest = [0, 4, 5].map(|at: usize| Arc::clone(&batch[at]));
    for verdict in world.run(&PLACING, &rest, Locking::WaitLong).await.unwrap() {
        placed(&verdict);
    }
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_reference_in_flight_elsewhere_makes_its_order_busy() {
    let world = world().await;
    world.receive(0, 9).await;
    let batch = [world.order_with_reference("R", &[(0, 1)]), world.order(&[(0, 1)])].map(Arc::new);
    let holder = other(&world, REFERENCE, &[&world.merchant.uuid(), &"R"]).await;
    let verdicts = world.run(&PLACING, &batch, Locking::Skip).await.unwrap();
    busy(&verdicts[0]);
    placed(&verdicts[1]);
    holder.batch_execute("COMMIT").await.unwrap();
    let verdicts = world.run(&PLACING, &batch[..1], Locking::WaitLong).await.unwrap();
    assert_eq!(refused(&verdicts[0]).reason, Reason::ClientReferenceTaken);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_one_batch_what_is_locked_elsewhere_makes_its_own_transitions_busy() {
    let world = world().await;
    for place in 0..3 {
        world.receive(place, 9).await;
    }
    let locked = world.confirmed(&[(0, 1)]).await;
    let paying = world.place(&[(0, 1)]).await.order_id;
    let stuck = world.confirmed(&[(1, 1), (2, 1)]).await;
    let tracked = world.confirmed(&[(2, 1)]).await;
    let free = world.confirmed(&[(2, 2)]).await;
    let holders = [
        other(&world, ORDER, &[&locked.uuid()]).await,
        other(&world, PAYMENT, &[&paying.uuid()]).await,
        other(&world, STOCK, &[&world.skus[1].uuid()]).await,
        other(&world, NUMBER, &[&world.merchant.uuid(), &"T1"]).await,
    ];
    let in_flight = world.command_of(world.merchant, free, key(), deliver());
    let holder =
        other(&world, KEY, &[&world.merchant.uuid(), &in_flight.claim.as_ref().unwrap().key.as_bytes()])
            .await;
    let batch = [
        world.command(locked, start_processing()),
        world.command(paying, cancel()),
        world.command(stuck, ship(&[(1, 1)], "")),
        world.command(stuck, cancel()),
        world.command(tracked, ship(&[], "T1")),
        world.command(free, ship(&[], "")),
        in_flight,
    ]
    .map(Arc::new);
    let verdicts = world.run(&Transitions, &batch, Locking::Skip).await.unwrap();
    for at in [0, 1, 2, 3, 4, 6] {
        assert!(matches!(verdicts[at], platform::group_commit::Verdict::Busy), "{at}: {:?}", verdicts[at]);
    }
    moved(&verdicts[5]);
    assert_eq!(world.state(paying).await, "PENDING");
    for holder in holders.iter().chain([&holder]) {
        holder.batch_execute("ROLLBACK").await.unwrap();
    }
    let rest: Vec<_> = [0, 1, 2, 4, 6].map(|at: usize| Arc::clone(&batch[at])).into();
    for verdict in world.run(&Transitions, &rest, Locking::WaitLong).await.unwrap() {
        moved(&verdict);
    }
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expiry_passes_over_an_order_that_is_locked_elsewhere() {
    let world = world().await;
    world.receive(0, 9).await;
    let [locked, free] = [world.place(&[(0, 1)]).await.order_id, world.place(&[(0, 1)]).await.order_id];
    world.clock.advance(time::Duration::minutes(16));
    let holder = other(&world, ORDER, &[&locked.uuid()]).await;
    let batch = [world.command(locked, expire()), world.command(free, expire())].map(Arc::new);
    let verdicts = world.run(&Transitions, &batch, Locking::Skip).await.unwrap();
    busy(&verdicts[0]);
    moved(&verdicts[1]);
    holder.batch_execute("ROLLBACK").await.unwrap();
    world.assert_sound().await;
}
