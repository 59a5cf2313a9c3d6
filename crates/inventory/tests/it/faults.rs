//! A guard that matches nothing must never be acknowledged, and a COMMIT whose reply was lost must not be done twice.

use std::sync::Arc;

use fail::FailScenario;
use inventory::commands::StockCommand;
use platform::db::{DbError, Locking, Trouble};

use crate::support::{World, done, levels, world};

async fn no_ack(world: &World, statement: &str, command: StockCommand) {
    let before = world.footprint().await;
    let point = format!("zero_rows::{statement}");
    fail::cfg(&point, "return").unwrap();
    let outcome = world.batch(vec![command]).await;
    fail::remove(&point);
    let error = outcome.expect_err(statement);
    assert!(matches!(error, DbError::RowCount { .. } | DbError::Changed(_)), "{statement}: {error}");
    assert_eq!(world.footprint().await, before, "{statement}");
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guarded_statement_that_touches_no_row_is_an_error_and_changes_nothing() {
    let scenario = FailScenario::setup();
    let world = world().await;
    no_ack(&world, "insert_stock", world.receive(&[(2, 1)])).await;
    world.done(world.receive(&[(0, 10)])).await;
    let held = world.reserved(&[(0, 4)]).await.reservation_id;
    for statement in ["update_stock", "insert_movements"] {
        no_ack(&world, statement, world.receive(&[(0, 1)])).await;
        no_ack(&world, statement, world.adjust(0, -1, false)).await;
    }
    for statement in
        ["update_stock", "insert_movements", "insert_holds", "insert_reservations", "insert_expiries"]
    {
        no_ack(&world, statement, world.reserve(&[(0, 1)])).await;
    }
    for statement in ["take_holds", "update_stock", "insert_movements", "end_reservations", "delete_expiries"]
    {
        no_ack(&world, statement, world.release(held)).await;
    }
    world.clock.advance(time::Duration::hours(1));
    for statement in ["take_holds", "update_stock", "end_reservations", "delete_expiries"] {
        no_ack(&world, statement, world.expire(held)).await;
    }
    done(&world.batch(vec![world.expire(held)]).await.unwrap()[0]);
    scenario.teardown();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freed_key_that_is_not_there_is_an_error() {
    let scenario = FailScenario::setup();
    let world = world().await;
    fail::cfg("zero_rows::idempotency/free_keys", "return").unwrap();
    let outcome = world.batch(vec![world.reserve(&[(0, 5)]), world.receive(&[(0, 1)])]).await;
    assert!(matches!(outcome, Err(DbError::RowCount { .. })), "{outcome:?}");
    assert_eq!(world.footprint().await, (0, 0));
    scenario.teardown();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_whose_commit_went_through_unheard_is_found_done_when_it_runs_again() {
    let scenario = FailScenario::setup();
    let world = world().await;
    world.done(world.receive(&[(0, 10)])).await;
    let held = world.reserved(&[(0, 2)]).await.reservation_id;
    let batch: Vec<Arc<StockCommand>> =
        [world.receive(&[(0, 5)]), world.reserve(&[(0, 3)]), world.release(held)].map(Arc::new).into();
    fail::cfg("lost_after::commit", "1*return").unwrap();
    assert_eq!(world.batch_of(&batch, Locking::Wait).await.unwrap_err().trouble(), Trouble::Conflict);
    let after = world.footprint().await;

    let verdicts = world.batch_of(&batch, Locking::Wait).await.unwrap();
    assert_eq!(levels(done(&verdicts[0]))[0].counters.on_hand, 15);
    for verdict in &verdicts[1..] {
        done(verdict);
    }
    assert_eq!(world.footprint().await, after);
    world.assert_sound().await;
    scenario.teardown();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_whose_commit_never_went_out_runs_again_as_if_for_the_first_time() {
    let scenario = FailScenario::setup();
    let world = world().await;
    let batch = [Arc::new(world.receive(&[(0, 5)]))];
    fail::cfg("lost_before::commit", "1*return").unwrap();
    assert!(world.batch_of(&batch, Locking::Wait).await.is_err());
    assert_eq!(world.footprint().await, (0, 0));
    done(&world.batch_of(&batch, Locking::Wait).await.unwrap()[0]);
    assert_eq!(world.counters(0).await.on_hand, 5);
    scenario.teardown();
}
