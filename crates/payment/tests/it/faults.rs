//! Replies that are lost, and guards that match nothing.

use fail::FailScenario;
use kernel::Reason;

use crate::support::provider::{Step, not_sent};
use crate::support::{AMOUNT, World, captured, refused};

#[tokio::test]
async fn a_lost_reply_of_either_commit_changes_neither_the_answer_nor_the_money() {
    let faults = FailScenario::setup();
    let world = World::new().await;
    for (place, fault) in
        ["1*return", "1*off->1*return", "1*return->1*return", "2*return"].into_iter().enumerate()
    {
        for point in ["lost_after::commit", "lost_before::commit"] {
            let opened = world.open(world.merchant()).await;
            let name = format!("{point}/{place}");
            fail::cfg(point, fault).unwrap();
            let answer = world.capture(opened, &name).await;
            fail::remove(point);
            assert!(!captured(&answer).1, "{name}: its own success is no replay");
            assert_eq!(world.provider.moved(opened.payment), AMOUNT, "{name}");
            assert_eq!(world.order_row(opened.order).await, (AMOUNT, 1, false), "{name}");
            assert_eq!(world.operations(opened.payment).await.len(), 1, "{name}");
        }
    }
    assert_eq!(world.provider.calls().len(), 8);
    faults.teardown();
}

#[tokio::test]
async fn a_guard_that_matches_nothing_before_the_call_is_never_acknowledged() {
    let faults = FailScenario::setup();
    let world = World::new().await;
    let opened = world.open(world.merchant()).await;
    for statement in ["update_payments", "insert_operations", "insert_in_flight"] {
        let point = format!("zero_rows::{statement}");
        fail::cfg(&point, "return").unwrap();
        assert_eq!(refused(&world.capture(opened, "one").await).0, Reason::Internal, "{statement}");
        fail::remove(&point);
        assert_eq!(world.count("SELECT count(*) FROM platform.idempotency").await, 0, "{statement}");
        assert_eq!(world.payment_row(opened.payment).await, ("PENDING".to_owned(), 0, 0, 0));
    }
    assert!(world.provider.calls().is_empty());
    assert!(!captured(&world.capture(opened, "one").await).1);
    faults.teardown();
}

#[tokio::test]
async fn an_outcome_that_cannot_be_booked_is_parked_and_never_acknowledged() {
    let faults = FailScenario::setup();
    let world = World::new().await;
    for statement in ["update_operations", "delete_in_flight", "idempotency/finish_keys"] {
        let opened = world.open(world.merchant()).await;
        let point = format!("zero_rows::{statement}");
        fail::cfg(&point, "return").unwrap();
        let name = statement.replace('/', "-");
        assert_eq!(
            refused(&world.capture(opened, &name).await),
            (Reason::PaymentUnderReview, false),
            "{statement}"
        );
        fail::remove(&point);
        assert_eq!(world.operations(opened.payment).await[0].1, "REVIEW");
        assert_eq!(world.payment_row(opened.payment).await, ("PENDING".to_owned(), 0, AMOUNT, 0));
        let told = "SELECT count(*) FROM payments.operations WHERE provider_reference LIKE 'pi\\_%'
                    AND failure_category LIKE 'not_applied: provider_moved 19.99 GBP'";
        assert!(world.count(told).await > 0);
        // The order counts as having money in flight, and nobody asks the provider again.
        world.clock.advance(time::Duration::days(1));
        assert_eq!(payment::workers::recovery::run_once(&world.payments).await.unwrap(), 0);
        assert_eq!(refused(&world.capture(opened, &name).await).0, Reason::PaymentUnderReview);
    }
    assert_eq!(world.provider.calls().len(), 3);
    faults.teardown();
}

#[tokio::test]
async fn a_lost_reply_counts_an_attempt_that_was_never_sent_once() {
    let faults = FailScenario::setup();
    let world = World::new().await;
    let opened = world.open(world.merchant()).await;
    world.provider.next(Step::Answer(not_sent()));
    fail::cfg("lost_after::commit", "1*off->2*return").unwrap();
    let answer = world.capture(opened, "one").await;
    fail::remove("lost_after::commit");
    assert_eq!(refused(&answer).0, Reason::ProviderUnavailable);
    let counted = "SELECT count(*) FROM payments.in_flight WHERE attempts = 1 AND unexecuted = 1";
    assert_eq!(world.count(counted).await, 1);
    faults.teardown();
}
