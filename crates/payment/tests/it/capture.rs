//! Captures by their callers: one key, one movement, one answer.

use std::sync::Arc;

use futures::future::join_all;
use kernel::{Currency, Money, Reason};
use payment::capture::Limits;
use tokio::sync::Semaphore;

use crate::support::provider::{Step, ambiguous, declined, not_sent};
use crate::support::{AMOUNT, PATIENCE, World, captured, refused, request};

#[tokio::test]
async fn sixty_four_at_once_with_one_key_ask_the_provider_once() {
    let world = World::new().await;
    let opened = world.open(world.merchant()).await;
    let gate = Arc::new(Semaphore::new(0));
    world.provider.next(Step::Wait(Arc::clone(&gate)));
    let calls: Vec<_> = (0..64)
        .map(|_| {
            let payments = world.payments.clone();
            tokio::spawn(async move { payments.capture(request(opened, "same"), None).await })
        })
        .collect();
    world.provider.called(1).await;
    gate.add_permits(1);
    let answers: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    let told: Vec<_> = answers.iter().map(captured).collect();
    assert!(told.iter().all(|(operation, _)| *operation == told[0].0));
    assert_eq!(told.iter().filter(|(_, replayed)| !replayed).count(), 1);
    assert_eq!(world.provider.calls().len(), 1);
    assert_eq!(world.order_row(opened.order).await, (AMOUNT, 1, false));
    assert_eq!(world.count("SELECT count(*) FROM payments.in_flight").await, 0);
}

#[tokio::test]
async fn a_capture_is_booked_on_payment_operation_key_and_order() {
    let world = World::new().await;
    let opened = world.open(world.merchant()).await;
    let answer = world.capture(opened, "one").await;
    let (operation, replayed) = captured(&answer);
    assert!(!replayed);
    let payment = answer.unwrap().payment;
    assert_eq!(payment.operations.len(), 1);
    assert_eq!(payment.operations[0].operation_id, operation);
    assert!(payment.operations[0].provider_reference.starts_with("pi_"));
    assert_eq!(world.payment_row(opened.payment).await, ("CAPTURED".to_owned(), AMOUNT, 0, 0));
    assert_eq!(world.order_row(opened.order).await, (AMOUNT, 1, false));
    let done =
        "SELECT count(*) FROM platform.idempotency WHERE outcome = 'DONE' AND method = 'CapturePayment'";
    assert_eq!(world.count(done).await, 1);
    assert_eq!(captured(&world.capture(opened, "one").await), (operation, true));
    // A new key meets a payment that is paid.
    assert_eq!(refused(&world.capture(opened, "two").await), (Reason::PaymentStateInvalid, false));
    assert_eq!(refused(&world.capture(opened, "two").await), (Reason::PaymentStateInvalid, true));
    assert_eq!(world.provider.calls().len(), 1);
}

#[tokio::test]
async fn a_decline_is_kept_with_its_category_and_a_new_key_succeeds() {
    let world = World::new().await;
    let opened = world.open(world.merchant()).await;
    world.provider.next(Step::Answer(declined()));
    for replayed in [false, true] {
        let answer = world.capture(opened, "first").await;
        assert_eq!(refused(&answer), (Reason::PaymentDeclined, replayed));
        let facts = answer.unwrap_err().metadata;
        assert_eq!(
            (facts["category"].as_str(), facts["advice"].as_str()),
            ("insufficient_funds", "OTHER_METHOD")
        );
    }
    assert_eq!(world.payment_row(opened.payment).await, ("DECLINED".to_owned(), 0, 0, 0));
    assert_eq!(world.order_row(opened.order).await, (0, 1, false));
    assert!(!captured(&world.capture(opened, "second").await).1);
    assert_eq!(world.provider.calls().len(), 2);
    assert_ne!(world.provider.calls()[0].provider_key, world.provider.calls()[1].provider_key);
}

#[tokio::test]
async fn a_key_that_another_method_used_is_refused_and_nothing_is_asked() {
    let world = World::new().await;
    let opened = world.open(world.merchant()).await;
    let key = crate::support::key("taken");
    let sql = "INSERT INTO platform.idempotency VALUES ($1, 'merchant', $2, $3, 1, 'PlaceOrder', $4, 'DONE', NULL, now())";
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
        [&opened.merchant.uuid(), &key.as_bytes(), &vec![7_u8; 32], &opened.order.uuid()];
    world.sql.execute(sql, &params).await.unwrap();
    let answer = world.capture(opened, "taken").await;
    assert_eq!(refused(&answer).0, Reason::IdempotencyKeyReused);
    assert_eq!(answer.unwrap_err().metadata["method"], "PlaceOrder");
    assert!(world.provider.calls().is_empty());
}

#[tokio::test]
async fn an_ambiguous_answer_is_unknown_until_the_same_key_finds_it_out() {
    let world = World::new().await;
    let opened = world.open(world.merchant()).await;
    world.provider.next(Step::MoveThen(ambiguous()));
    let answer = world.capture(opened, "one").await;
    assert_eq!(refused(&answer), (Reason::PaymentOutcomeUnknown, false));
    assert!(answer.unwrap_err().retry_after_ms.is_some());
    assert_eq!(world.operations(opened.payment).await, [("CAPTURE".to_owned(), "UNKNOWN".to_owned())]);
    assert_eq!(world.payment_row(opened.payment).await, ("PENDING".to_owned(), 0, AMOUNT, 0));
    // Another intent has to wait, and its key stays free.
    assert_eq!(refused(&world.capture(opened, "two").await), (Reason::OperationPending, false));
    assert_eq!(world.count("SELECT count(*) FROM platform.idempotency").await, 1);

    assert!(captured(&world.capture(opened, "one").await).1);
    let calls = world.provider.calls();
    assert_eq!((calls.len(), &calls[0].provider_key), (2, &calls[1].provider_key));
    assert_eq!(world.provider.moved(opened.payment), AMOUNT);
    assert_eq!(world.order_row(opened.order).await, (AMOUNT, 1, false));
}

#[tokio::test]
async fn what_was_never_sent_is_given_up_in_the_end_and_its_key_is_free_again() {
    let world = World::new().await;
    let opened = world.open(world.merchant()).await;
    for attempt in 1..=payment::domain::settle::GIVE_UP {
        assert_eq!(world.order_row(opened.order).await.2, attempt > 1, "pinned while it is tried");
        world.provider.next(Step::Answer(not_sent()));
        assert_eq!(refused(&world.capture(opened, "one").await), (Reason::ProviderUnavailable, false));
    }
    assert_eq!(world.operations(opened.payment).await, [("CAPTURE".to_owned(), "FAILED".to_owned())]);
    assert_eq!(world.payment_row(opened.payment).await, ("PENDING".to_owned(), 0, 0, 0));
    assert_eq!(world.order_row(opened.order).await, (0, 1, false));
    assert_eq!(world.count("SELECT count(*) FROM platform.idempotency").await, 0);
    assert!(!captured(&world.capture(opened, "one").await).1);
}

#[tokio::test]
async fn a_throttled_call_stays_open_under_its_key() {
    let world = World::new().await;
    let opened = world.open(world.merchant()).await;
    let retry_after = std::time::Duration::from_secs(40);
    world.provider.next(Step::Answer(payment::provider::Outcome::Throttled { retry_after }));
    let answer = world.capture(opened, "one").await;
    assert_eq!(refused(&answer), (Reason::ProviderThrottled, false));
    assert_eq!(answer.unwrap_err().retry_after_ms, Some(40_000));
    assert!(captured(&world.capture(opened, "one").await).1);
}

#[tokio::test]
async fn stock_that_was_sold_meanwhile_refuses_before_any_call() {
    let world = World::new().await;
    let opened = world.open(world.merchant()).await;
    world.sql.execute("UPDATE test_orders.orders SET short = true", &[]).await.unwrap();
    for replayed in [false, true] {
        let answer = world.capture(opened, "one").await;
        assert_eq!(refused(&answer), (Reason::ReservationExpired, replayed));
        assert_eq!(answer.unwrap_err().shortage[0].sku_code, "MUG");
    }
    assert!(world.provider.calls().is_empty());
    assert_eq!(world.payment_row(opened.payment).await, ("PENDING".to_owned(), 0, 0, 0));
}

#[tokio::test]
async fn a_late_capture_of_a_closed_order_is_booked_and_its_refund_is_written_down() {
    let world = World::new().await;
    let opened = world.open(world.merchant()).await;
    let gate = Arc::new(Semaphore::new(0));
    world.provider.next(Step::Wait(Arc::clone(&gate)));
    let payments = world.payments.clone();
    let call = tokio::spawn(async move { payments.capture(request(opened, "one"), None).await });
    world.provider.called(1).await;
    world.set_order(opened.order, "CANCELLED").await;
    gate.add_permits(1);
    captured(&call.await.unwrap());
    assert_eq!(world.payment_row(opened.payment).await, ("CAPTURED".to_owned(), AMOUNT, 0, AMOUNT));
    assert_eq!(world.order_row(opened.order).await.0, AMOUNT);
    let operations = world.operations(opened.payment).await;
    let said: Vec<_> = operations.iter().map(|(kind, state)| (kind.as_str(), state.as_str())).collect();
    assert_eq!(said, [("CAPTURE", "SUCCEEDED"), ("REFUND", "SUBMITTED")]);
    let system = "SELECT count(*) FROM payments.operations WHERE kind = 'REFUND' AND key_scope = 'system'";
    assert_eq!(world.count(system).await, 1);
    // It stays in flight, and the recovery worker leaves it alone.
    world.clock.advance(time::Duration::days(100));
    assert_eq!(payment::workers::recovery::run_once(&world.payments).await.unwrap(), 0);
    let tx = world.begin().await;
    let in_flight = payment::tx::in_flight(&tx, &[(opened.merchant, opened.order)]).await.unwrap();
    assert!(in_flight.contains(&(opened.merchant, opened.order)));
    tx.rollback().await;
}

#[tokio::test]
async fn another_operations_reference_or_another_currency_is_left_to_a_person() {
    let world = World::new().await;
    let pounds = Money::new(Currency::parse("GBP").unwrap(), AMOUNT);
    let dollars = Money::new(Currency::parse("USD").unwrap(), AMOUNT);
    let merchant = world.merchant();
    let first = world.open(merchant).await;
    world.provider.next(Step::Claim { reference: "pi_taken", amount: pounds });
    captured(&world.capture(first, "first").await);
    for (step, name) in [
        (Step::Claim { reference: "pi_taken", amount: pounds }, "reference"),
        (Step::Claim { reference: "pi_dollars", amount: dollars }, "currency"),
    ] {
        let opened = world.open(merchant).await;
        world.provider.next(step);
        for _ in 0..2 {
            assert_eq!(refused(&world.capture(opened, name).await).0, Reason::PaymentUnderReview, "{name}");
        }
        assert_eq!(world.operations(opened.payment).await[0].1, "REVIEW");
        assert_eq!(world.payment_row(opened.payment).await, ("PENDING".to_owned(), 0, AMOUNT, 0));
        // No other capture may begin while nobody knows.
        assert_eq!(refused(&world.capture(opened, &format!("{name}-2")).await).0, Reason::OperationPending);
    }
    assert_eq!(world.provider.calls().len(), 3);
}

#[tokio::test]
async fn more_than_was_asked_for_is_booked_as_an_excess() {
    let world = World::new().await;
    let opened = world.open(world.merchant()).await;
    let amount = Money::new(Currency::parse("GBP").unwrap(), AMOUNT + 5);
    world.provider.next(Step::Claim { reference: "pi_more", amount });
    for replayed in [false, true] {
        assert_eq!(refused(&world.capture(opened, "one").await), (Reason::PaymentUnderReview, replayed));
    }
    assert_eq!(world.payment_row(opened.payment).await, ("CAPTURED".to_owned(), AMOUNT + 5, 0, 0));
    assert_eq!(world.count("SELECT excess_minor FROM payments.payments").await, 5);
    assert_eq!(world.order_row(opened.order).await.0, AMOUNT + 5);
}

#[tokio::test]
async fn without_a_place_for_its_outcome_nothing_begins() {
    let mut limits = Limits::default();
    limits.apply.permits = 1;
    let world = World::with(limits).await;
    let (first, second) = (world.open(world.merchant()).await, world.open(world.merchant()).await);
    let gate = Arc::new(Semaphore::new(0));
    world.provider.next(Step::Wait(Arc::clone(&gate)));
    let payments = world.payments.clone();
    let call = tokio::spawn(async move { payments.capture(request(first, "one"), None).await });
    world.provider.called(1).await;
    assert_eq!(refused(&world.capture(second, "two").await), (Reason::Overloaded, false));
    assert_eq!(world.operations(second.payment).await, []);
    gate.add_permits(1);
    captured(&call.await.unwrap());
    captured(&world.capture(second, "two").await);
}

#[tokio::test]
async fn a_caller_who_hangs_up_stops_nothing() {
    let world = World::new().await;
    let opened = world.open(world.merchant()).await;
    let gate = Arc::new(Semaphore::new(0));
    world.provider.next(Step::Wait(Arc::clone(&gate)));
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_millis(300);
    let answer = world.payments.capture(request(opened, "one"), Some(deadline)).await;
    assert_eq!(refused(&answer), (Reason::DeadlineExceeded, false));
    assert_eq!(world.provider.calls().len(), 1);
    gate.add_permits(1);
    // The same key waits for the outcome of the call that goes on.
    assert!(captured(&world.capture(opened, "one").await).1);
    assert_eq!(world.provider.calls().len(), 1);
}

#[tokio::test]
async fn draining_waits_until_every_outcome_is_written_down() {
    let world = World::new().await;
    let opened = world.open(world.merchant()).await;
    let gate = Arc::new(Semaphore::new(0));
    world.provider.next(Step::Wait(Arc::clone(&gate)));
    let payments = world.payments.clone();
    let call = tokio::spawn(async move { payments.capture(request(opened, "one"), None).await });
    world.provider.called(1).await;
    let draining = tokio::spawn({
        let payments = world.payments.clone();
        async move { payments.drain().await }
    });
    // Nothing new begins while it drains.
    let other = world.open(world.merchant()).await;
    let late = testkit::eventually(PATIENCE, async || {
        let answer = world.capture(other, "late").await;
        answer.is_err().then_some(answer)
    });
    assert_eq!(refused(&late.await).0, Reason::Unavailable);
    assert!(!draining.is_finished());
    gate.add_permits(1);
    captured(&call.await.unwrap());
    draining.await.unwrap();
    assert_eq!(world.payment_row(opened.payment).await.0, "CAPTURED");
}
