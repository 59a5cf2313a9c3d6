//! Rows that another transaction has: nobody else waits for them, and nobody deadlocks.

use std::sync::Arc;

use kernel::IdempotencyKey;
use platform::db::{Locking, Trouble};
use platform::group_commit::Verdict;

use crate::support::{done, key, world};

fn is_busy<V>(verdict: &Verdict<V>) -> bool {
    matches!(verdict, Verdict::Busy)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_stock_row_makes_only_its_own_commands_busy_and_leaves_their_keys_free() {
    let world = world().await;
    world.done(world.receive(&[(0, 10), (1, 10)])).await;
    let held = world.reserved(&[(0, 2)]).await.reservation_id;
    let other = world.database.client().await;
    other.batch_execute("BEGIN").await.unwrap();
    let sku = world.skus[0].uuid();
    other.execute("SELECT FROM inventory.stock WHERE sku_id = $1 FOR NO KEY UPDATE", &[&sku]).await.unwrap();

    let batch = [
        world.receive(&[(0, 1)]),
        world.reserve(&[(0, 1), (1, 1)]),
        world.release(held),
        world.receive(&[(1, 5)]),
        world.reserve(&[(2, 1)]),
    ]
    .map(Arc::new);
    let waited = world.batch_of(&batch, Locking::Wait).await.unwrap_err();
    assert_eq!(waited.trouble(), Trouble::Locked);
    let verdicts = world.batch_of(&batch, Locking::Skip).await.unwrap();
    assert_eq!(verdicts[..3].iter().map(is_busy).collect::<Vec<_>>(), [true; 3]);
    done(&verdicts[3]);
    assert!(matches!(verdicts[4], Verdict::Refused(_)), "a row that is not there is not busy");

    // The slow lane runs them once the row is free: they must not find their own keys taken.
    other.batch_execute("ROLLBACK").await.unwrap();
    let verdicts = world.batch_of(&batch[..3], Locking::WaitLong).await.unwrap();
    for verdict in &verdicts {
        done(verdict);
    }
    let now = world.counters(0).await;
    assert_eq!((now.on_hand, now.reserved), (11, 1));
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_reservation_and_a_key_in_flight_make_only_their_own_commands_busy() {
    let world = world().await;
    world.done(world.receive(&[(0, 10)])).await;
    let held = world.reserved(&[(0, 2)]).await.reservation_id;
    let other = world.database.client().await;
    other.batch_execute("BEGIN").await.unwrap();
    let id = held.uuid();
    other
        .execute("SELECT FROM inventory.reservations WHERE id = $1 FOR NO KEY UPDATE", &[&id])
        .await
        .unwrap();
    let in_flight: IdempotencyKey = key();
    let sql = "INSERT INTO platform.idempotency
        (merchant_id, scope, key, fingerprint, fingerprint_version, method, resource_id, outcome, created_time)
        VALUES ($1, 'merchant', $2, sha256('x'), 1, 'ReceiveStock', gen_random_uuid(), 'DONE', now())";
    other.execute(sql, &[&world.merchant.uuid(), &in_flight.as_bytes()]).await.unwrap();

    let batch = [
        world.release(held),
        world.expire(held),
        world.receive_under(in_flight, &[(0, 1)]),
        world.receive(&[(0, 5)]),
    ]
    .map(Arc::new);
    let verdicts = world.batch_of(&batch, Locking::Skip).await.unwrap();
    assert_eq!(verdicts[..3].iter().map(is_busy).collect::<Vec<_>>(), [true; 3]);
    done(&verdicts[3]);
    other.batch_execute("ROLLBACK").await.unwrap();
    let verdicts = world.batch_of(&batch[..3], Locking::WaitLong).await.unwrap();
    done(&verdicts[0]);
    done(&verdicts[2]);
    assert_eq!(world.counters(0).await.on_hand, 16);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_over_the_same_rows_in_opposite_order_never_deadlock() {
    let world = world().await;
    world.done(world.receive(&[(0, 10_000), (1, 10_000), (2, 10_000)])).await;
    let forth = async {
        for _ in 0..40 {
            let batch = [world.reserve(&[(0, 1), (1, 1)]), world.receive(&[(2, 1), (0, 1)])].map(Arc::new);
            world.batch_of(&batch, Locking::WaitLong).await.unwrap();
        }
    };
    let back = async {
        for _ in 0..40 {
            let batch = [world.reserve(&[(2, 1), (1, 1)]), world.receive(&[(1, 1), (0, 1)])].map(Arc::new);
            world.batch_of(&batch, Locking::WaitLong).await.unwrap();
        }
    };
    futures::future::join(forth, back).await;
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(world.count(deadlocks).await, 0);
    assert_eq!(world.counters(1).await.reserved, 80);
    world.assert_sound().await;
}
