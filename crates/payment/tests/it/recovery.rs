//! Outcomes that nobody works on any more are found out, once.

use std::sync::Arc;

use futures::future::join_all;
use kernel::Reason;
use payment::capture::Limits;
use payment::workers::recovery;
use tokio::sync::Semaphore;

use crate::support::provider::{Step, ambiguous};
use crate::support::{AMOUNT, PATIENCE, World, captured, refused, request};

fn impatient() -> Limits {
    Limits { wait_max: std::time::Duration::from_millis(100), ..Limits::default() }
}

#[tokio::test]
async fn a_process_that_dies_after_the_money_moved_is_recovered_by_the_worker_of_another() {
    let world = World::with(impatient()).await;
    let opened = world.open(world.merchant()).await;
    world.provider.next(Step::MoveThenDie);
    assert_eq!(refused(&world.capture(opened, "one").await), (Reason::PaymentOutcomeUnknown, false));
    assert_eq!(world.operations(opened.payment).await[0].1, "SUBMITTED");
    assert_eq!(world.provider.moved(opened.payment), AMOUNT);

    let other = world.second_process(impatient());
    assert_eq!(recovery::run_once(&other).await.unwrap(), 0, "its lease is alive");
    world.let_checks_come();
    assert_eq!(recovery::run_once(&other).await.unwrap(), 1);
    assert_eq!(recovery::run_once(&other).await.unwrap(), 0);
    assert_eq!(world.payment_row(opened.payment).await, ("CAPTURED".to_owned(), AMOUNT, 0, 0));
    assert_eq!(world.order_row(opened.order).await, (AMOUNT, 1, false));
    assert_eq!(world.provider.moved(opened.payment), AMOUNT);
    assert!(captured(&world.capture(opened, "one").await).1);
    assert_eq!(world.provider.calls().len(), 2);
}

#[tokio::test]
async fn the_same_key_waits_for_a_living_lease_and_takes_over_a_dead_one() {
    let world = World::with(impatient()).await;
    let opened = world.open(world.merchant()).await;
    world.provider.next(Step::MoveThenDie);
    assert_eq!(refused(&world.capture(opened, "one").await).0, Reason::PaymentOutcomeUnknown);
    assert_eq!(refused(&world.capture(opened, "one").await), (Reason::IdempotencyInProgress, false));
    assert_eq!(world.provider.calls().len(), 1);
    world.let_leases_run_out();
    assert!(captured(&world.capture(opened, "one").await).1);
    assert_eq!(world.provider.calls().len(), 2);
    assert_eq!(world.order_row(opened.order).await, (AMOUNT, 1, false));
}

#[tokio::test]
async fn processes_that_resume_one_key_at_once_ask_the_provider_once() {
    let world = World::new().await;
    let opened = world.open(world.merchant()).await;
    world.provider.next(Step::MoveThen(ambiguous()));
    assert_eq!(refused(&world.capture(opened, "one").await).0, Reason::PaymentOutcomeUnknown);
    let gate = Arc::new(Semaphore::new(0));
    world.provider.next(Step::Wait(Arc::clone(&gate)));
    // Waiting for the row is bounded; on a slow machine they come back to it until all of them wait.
    let patient = Limits { wait_max: PATIENCE, ..Limits::default() };
    // All of them have seen that the lease is over, and wait for its row.
    let holder = world.test.client().await;
    holder.batch_execute("BEGIN; SELECT FROM payments.in_flight FOR UPDATE").await.unwrap();
    let processes: Vec<_> = (0..3).map(|_| world.second_process(patient)).collect();
    let calls = join_all(processes.iter().map(|process| process.capture(request(opened, "one"), None)));
    let let_go = async {
        let waiting = "SELECT count(*) FROM pg_stat_activity
                       WHERE wait_event_type = 'Lock' AND datname = current_database()";
        testkit::eventually(PATIENCE, async || (world.count(waiting).await == 3).then_some(())).await;
        holder.batch_execute("COMMIT").await.unwrap();
        world.provider.called(2).await;
        gate.add_permits(1);
    };
    let (answers, ()) = futures::future::join(calls, let_go).await;
    assert!(answers.iter().all(|answer| captured(answer).1));
    assert_eq!(world.provider.calls().len(), 2, "one of them took the lease");
    assert_eq!(world.provider.moved(opened.payment), AMOUNT);
    assert_eq!(world.order_row(opened.order).await, (AMOUNT, 1, false));
}

#[tokio::test]
async fn past_the_providers_memory_nothing_is_asked_again() {
    let world = World::new().await;
    let opened = world.open(world.merchant()).await;
    world.provider.next(Step::MoveThen(ambiguous()));
    assert_eq!(refused(&world.capture(opened, "one").await).0, Reason::PaymentOutcomeUnknown);
    world.clock.advance(time::Duration::hours(24));
    assert_eq!(recovery::run_once(&world.payments).await.unwrap(), 1);
    assert_eq!(world.provider.calls().len(), 1);
    assert_eq!(world.operations(opened.payment).await[0].1, "REVIEW");
    assert_eq!(refused(&world.capture(opened, "one").await).0, Reason::PaymentUnderReview);
    world.clock.advance(time::Duration::days(100));
    assert_eq!(recovery::run_once(&world.payments).await.unwrap(), 0);
    assert_eq!(world.provider.calls().len(), 1);
}

#[tokio::test]
async fn the_worker_finds_what_is_due_by_itself_and_stops() {
    let limits = Limits { recovery_interval: std::time::Duration::from_millis(10), ..Limits::default() };
    let world = World::with(limits).await;
    let opened = world.open(world.merchant()).await;
    world.provider.next(Step::MoveThen(ambiguous()));
    assert_eq!(refused(&world.capture(opened, "one").await).0, Reason::PaymentOutcomeUnknown);
    let stop = tokio_util::sync::CancellationToken::new();
    let working = tokio::spawn(recovery::run(world.payments.clone(), stop.clone()));
    world.let_checks_come();
    world.provider.called(2).await;
    stop.cancel();
    working.await.unwrap();
    world.payments.drain().await;
    assert_eq!(world.payment_row(opened.payment).await.0, "CAPTURED");
}
