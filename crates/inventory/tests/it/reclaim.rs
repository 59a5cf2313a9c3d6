//! Reclaim at reserve time against expiry, release, pins and commitments: what is given back is given back once.

use std::sync::Arc;
use std::time::Duration;

use inventory::domain::reservation::{Reservation, State};
use inventory::tx::{self, Owner};
use kernel::Reason;
use platform::db::{Locking, Tx};

use crate::support::{World, done, refused, reservation, world};

const SHORT: Duration = Duration::from_secs(60);

impl World {
    async fn soon_overdue(&self, lines: &[(usize, i64)]) -> Reservation {
        reservation(self.done(self.reserve_for(SHORT, lines)).await).0
    }

    fn a_minute_passes(&self) {
        self.clock.advance(time::Duration::minutes(1));
    }

    pub async fn transaction(&self) -> Tx {
        let tx = Tx::new(self.db.write().await.unwrap(), Locking::Wait);
        tx.prepare(&tx::statements()).await.unwrap();
        tx.begin().await.unwrap();
        tx
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_takes_an_overdue_hold_and_the_expiry_after_it_gives_nothing_back_twice() {
    let world = world().await;
    world.done(world.receive(&[(0, 10)])).await;
    let x = world.soon_overdue(&[(0, 5)]).await;
    let _y = world.reserved(&[(0, 5)]).await;
    let z = world.reserve(&[(0, 5)]);
    assert_eq!(
        refused(&world.batch(vec![world.reserve(&[(0, 5)])]).await.unwrap()[0]).reason,
        Reason::InsufficientStock
    );
    world.a_minute_passes();
    done(&world.batch(vec![z]).await.unwrap()[0]);
    world.assert_sound().await;

    // The expiry of X comes now: Y and Z hold all ten.
    done(&world.batch(vec![world.expire(x.reservation_id)]).await.unwrap()[0]);
    assert_eq!(world.counters(0).await.reserved, 10);
    let verdicts = world.batch(vec![world.reserve(&[(0, 1)])]).await.unwrap();
    assert_eq!(refused(&verdicts[0]).reason, Reason::InsufficientStock, "the next buyer gets nothing");
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_expiry_and_the_reclaim_of_one_hold_in_one_batch_move_the_counter_once() {
    let world = world().await;
    world.done(world.receive(&[(0, 5)])).await;
    let x = world.soon_overdue(&[(0, 5)]).await;
    world.a_minute_passes();
    let verdicts = world
        .batch(vec![world.reserve(&[(0, 3)]), world.expire(x.reservation_id), world.reserve(&[(0, 2)])])
        .await;
    for verdict in verdicts.unwrap() {
        done(&verdict);
    }
    assert_eq!(world.counters(0).await.reserved, 5);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reclaiming_one_of_three_lines_leaves_the_other_two_held_until_the_expiry() {
    let world = world().await;
    world.done(world.receive(&[(0, 3), (1, 3), (2, 3)])).await;
    let x = world.soon_overdue(&[(0, 3), (1, 3), (2, 3)]).await;
    world.a_minute_passes();
    done(&world.batch(vec![world.reserve(&[(1, 2)])]).await.unwrap()[0]);
    let reserved = async || {
        let [a, b, c] = [0, 1, 2].map(|place| world.counters(place));
        (a.await.reserved, b.await.reserved, c.await.reserved)
    };
    assert_eq!(reserved().await, (3, 2, 3));
    world.assert_sound().await;
    done(&world.batch(vec![world.expire(x.reservation_id)]).await.unwrap()[0]);
    assert_eq!(reserved().await, (0, 2, 0));
    let expired = world.count("SELECT count(*) FROM inventory.movements WHERE kind = 'EXPIRED'").await;
    assert_eq!(expired, 3, "each line's end is told once");
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pinned_or_committed_hold_is_never_reclaimed() {
    let world = world().await;
    world.done(world.receive(&[(0, 5), (1, 5)])).await;
    let pinned = world.soon_overdue(&[(0, 5)]).await;
    let committed = world.soon_overdue(&[(1, 5)]).await;
    let tx = world.transaction().await;
    assert_eq!(tx::pin(&tx, &[pinned.owner()]).await.unwrap()[&pinned.owner()], 1);
    tx::commit_holds(&tx, &[committed.owner()]).await.unwrap();
    tx.commit().await.unwrap();
    world.a_minute_passes();
    let batch = vec![world.reserve(&[(0, 1)]), world.reserve(&[(1, 1)])];
    for verdict in world.batch(batch).await.unwrap() {
        assert_eq!(refused(&verdict).reason, Reason::InsufficientStock);
    }
    let tx = world.transaction().await;
    tx::unpin(&tx, &[pinned.owner()]).await.unwrap();
    tx.commit().await.unwrap();
    done(&world.batch(vec![world.reserve(&[(0, 1)])]).await.unwrap()[0]);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_in_flight_is_passed_over_without_waiting() {
    let world = world().await;
    world.done(world.receive(&[(0, 10)])).await;
    let x = world.soon_overdue(&[(0, 5)]).await;
    let y = world.soon_overdue(&[(0, 5)]).await;
    world.a_minute_passes();
    let tx = world.transaction().await;
    tx::pin(&tx, &[x.owner()]).await.unwrap();
    // While the pin is not committed: only the other hold can be had.
    let verdicts = world.batch(vec![world.reserve(&[(0, 6)]), world.reserve(&[(0, 5)])]).await.unwrap();
    assert_eq!(refused(&verdicts[0]).shortage[0].available, 5);
    done(&verdicts[1]);
    tx.commit().await.unwrap();
    let standing = world.count("SELECT count(*) FROM inventory.holds WHERE pinned").await;
    assert_eq!(standing, 1);
    world.assert_sound().await;
    assert_ne!(x.reservation_id, y.reservation_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_finds_fewer_holds_after_a_reclaim_and_names_no_other_owners() {
    let world = world().await;
    world.done(world.receive(&[(0, 5), (1, 5)])).await;
    let x = world.soon_overdue(&[(0, 5), (1, 5)]).await;
    world.a_minute_passes();
    done(&world.batch(vec![world.reserve(&[(0, 5)])]).await.unwrap()[0]);
    let other = world.new_merchant().await;
    let stranger = (other, Owner::Reservation(x.reservation_id));
    let tx = world.transaction().await;
    let touched = tx::pin(&tx, &[x.owner(), stranger]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((touched.get(&x.owner()), touched.get(&stranger)), (Some(&1), None));
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_most_64_overdue_holds_of_a_row_are_reclaimed_at_once_oldest_first() {
    let world = world().await;
    world.done(world.receive(&[(0, 70)])).await;
    let newest = world.reserve_for(SHORT + Duration::from_secs(5), &[(0, 1)]);
    let mut batch: Vec<_> = (0..69).map(|_| world.reserve_for(SHORT, &[(0, 1)])).collect();
    batch.insert(0, newest);
    world.batch(batch).await.unwrap();
    world.clock.advance(time::Duration::hours(1));
    let verdicts = world.batch(vec![world.reserve(&[(0, 65)]), world.reserve(&[(0, 60)])]).await.unwrap();
    assert_eq!(refused(&verdicts[0]).shortage[0].available, 64);
    done(&verdicts[1]);
    assert_eq!(world.counters(0).await.reserved, 66);
    let late = "SELECT count(*) FROM inventory.holds h WHERE h.expires_at = (
        SELECT max(e.expires_at) FROM inventory.reservation_expiries e
        WHERE e.expires_at < (SELECT max(expires_at) FROM inventory.reservation_expiries))";
    assert_eq!(world.count(late).await, 1, "the newest of the overdue ones is still held");
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_of_an_overdue_reservation_ends_it_as_expired_and_says_that_it_had_ended() {
    let world = world().await;
    world.done(world.receive(&[(0, 5)])).await;
    let x = world.soon_overdue(&[(0, 5)]).await;
    world.a_minute_passes();
    assert_eq!(x.state_at(world.clock.now()), State::Expired);
    let (ended, no_op) = reservation(world.done(world.release(x.reservation_id)).await);
    assert_eq!((ended.state, no_op), (State::Expired, true));
    assert_eq!(world.counters(0).await.reserved, 0);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn holds_reclaimed_for_a_refused_sale_keep_their_counters_right_when_the_batch_commits_for_another() {
    let world = world().await;
    let before = Arc::new(world.receive(&[(0, 5)]));
    world.batch_of(&[Arc::clone(&before)], Locking::Wait).await.unwrap();
    world.soon_overdue(&[(0, 5)]).await;
    world.a_minute_passes();
    // The receipt runs again as after a COMMIT that nobody heard of: it commits the batch and writes nothing of its own.
    let verdicts =
        world.batch_of(&[before, Arc::new(world.reserve(&[(0, 6)]))], Locking::Wait).await.unwrap();
    done(&verdicts[0]);
    assert_eq!(refused(&verdicts[1]).shortage[0].available, 5);
    assert_eq!(world.counters(0).await.reserved, 0);
    world.assert_sound().await;
}
