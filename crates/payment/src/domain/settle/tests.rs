use kernel::id::OperationId;
use kernel::{Currency, Money};

use super::*;
use crate::domain::operation::Kind;
use crate::domain::payment;
use crate::domain::tally::tests::tally;

const NOW: Timestamp = time::macros::datetime!(2026-06-01 12:00 UTC);
const TOKEN: Uuid = Uuid::from_u128(7);

fn in_flight(attempts: i32, unexecuted: i32) -> (OpenOperation, Tally) {
    let mut payment = tally(100);
    payment.begin_capture(100);
    payment.changed = false;
    let operation = OpenOperation {
        operation_id: OperationId::mint_beside(payment.payment_id),
        merchant_id: payment.merchant_id,
        payment_id: payment.payment_id,
        order_id: payment.order_id,
        kind: Kind::Capture,
        state: State::Submitted,
        amount: Money::new(payment.currency, 100),
        provider_reference: String::new(),
        failure_reason: String::new(),
        failure_category: String::new(),
        key_scope: "merchant".to_owned(),
        key: b"key".to_vec(),
        actor: "system:test".to_owned(),
        created_time: NOW,
        ended_time: None,
        lease: Some(Lease {
            token: TOKEN,
            until: NOW + Duration::from_secs(10),
            next_check_at: NOW,
            attempts,
            unexecuted,
        }),
    };
    (operation, payment)
}

fn moved(minor: i64) -> Evidence {
    let amount = Money::new(Currency::parse("GBP").expect("known"), minor);
    Evidence::Moved { reference: "pi_1".to_owned(), amount }
}

fn not_sent() -> Evidence {
    Evidence::NotExecuted { throttled: false, retry_after: None }
}

fn declined() -> Evidence {
    Evidence::Declined {
        category: "insufficient_funds".to_owned(),
        code: "51".to_owned(),
        reference: String::new(),
        advice: "OTHER_METHOD",
    }
}

fn apply(operation: &mut OpenOperation, payment: &mut Tally, evidence: &Evidence) -> Settlement {
    settle(operation, payment, Standing::Open, evidence, Reference::Ours, TOKEN, NOW)
}

fn effect(settlement: Settlement) -> Effect {
    match settlement {
        Settlement::Changed(effect) => *effect,
        other => panic!("{other:?}"),
    }
}

#[test]
fn money_as_asked_for_succeeds_once() {
    let (mut operation, mut payment) = in_flight(1, 0);
    let first = effect(apply(&mut operation, &mut payment, &moved(100)));
    assert_eq!(first, Effect { answer: None, key: Key::Done, settled: Some(100), refund: None });
    assert_eq!((operation.state, operation.lease), (State::Succeeded, None));
    assert_eq!(
        (payment.captured, payment.capture_pending, payment.state),
        (100, 0, payment::State::Captured)
    );
    assert_eq!(apply(&mut operation, &mut payment, &moved(100)), Settlement::Already);
    assert_eq!(payment.captured, 100);
}

#[test]
fn another_amount_is_booked_and_reviewed() {
    for (amount, captured_state, excess) in
        [(60, payment::State::PartiallyCaptured, 0), (130, payment::State::Captured, 30)]
    {
        let (mut operation, mut payment) = in_flight(1, 0);
        let effect = effect(apply(&mut operation, &mut payment, &moved(amount)));
        assert_eq!(effect.answer.map(|refusal| refusal.reason), Some(Reason::PaymentUnderReview));
        assert!(matches!(effect.key, Key::Refused(_)));
        assert_eq!((effect.settled, operation.state), (Some(amount), State::Review));
        assert_eq!((payment.captured, payment.excess, payment.state), (amount, excess, captured_state));
    }
}

#[test]
fn another_currency_or_anothers_reference_is_left_to_a_person_and_keeps_the_order_in_flight() {
    let foreign = Evidence::Moved {
        reference: "pi_1".to_owned(),
        amount: Money::new(Currency::parse("USD").expect("known"), 100),
    };
    for (evidence, reference) in [(foreign, Reference::Ours), (moved(100), Reference::Others)] {
        let (mut operation, mut payment) = in_flight(1, 0);
        let settlement =
            settle(&mut operation, &mut payment, Standing::Open, &evidence, reference, TOKEN, NOW);
        assert_eq!(effect(settlement).key, Key::Stays);
        assert_eq!((operation.state, payment.captured, payment.capture_pending), (State::Review, 0, 100));
        assert_eq!(operation.lease.map(|lease| lease.next_check_at), Some(NEVER));
    }
}

#[test]
fn money_for_a_closed_order_is_booked_and_goes_back() {
    let (mut operation, mut payment) = in_flight(1, 0);
    let closed = Standing::Closed { state: "CANCELLED" };
    let settlement = settle(&mut operation, &mut payment, closed, &moved(100), Reference::Ours, TOKEN, NOW);
    let effect = effect(settlement);
    assert_eq!((effect.settled, effect.refund, effect.key), (Some(100), Some(100), Key::Done));
    assert_eq!((payment.captured, payment.refund_pending), (100, 100));
}

#[test]
fn without_the_lease_only_money_that_moved_counts() {
    let stale = Uuid::from_u128(8);
    for evidence in [declined(), Evidence::Ambiguous, not_sent(), Evidence::KeyExpired] {
        let (mut operation, mut payment) = in_flight(1, 0);
        let before = (operation.clone(), payment.clone());
        let settlement =
            settle(&mut operation, &mut payment, Standing::Open, &evidence, Reference::None, stale, NOW);
        assert_eq!(settlement, Settlement::LostLease);
        assert_eq!((operation, payment), before);
    }
    let (mut operation, mut payment) = in_flight(1, 0);
    effect(settle(&mut operation, &mut payment, Standing::Open, &moved(100), Reference::Ours, stale, NOW));
    assert_eq!(payment.captured, 100);
}

#[test]
fn a_decline_is_definite_and_releases_the_amount() {
    let (mut operation, mut payment) = in_flight(1, 0);
    let effect = effect(apply(&mut operation, &mut payment, &declined()));
    assert!(matches!(effect.key, Key::Refused(refusal) if refusal.reason == Reason::PaymentDeclined));
    assert_eq!((effect.settled, operation.state, operation.lease), (Some(0), State::Failed, None));
    assert_eq!((payment.open(), payment.state), (100, payment::State::Declined));
    assert_eq!(apply(&mut operation, &mut payment, &declined()), Settlement::Already);
}

#[test]
fn an_unknown_outcome_is_never_a_failure_and_is_looked_at_less_and_less_often() {
    let mut waits = Vec::new();
    for attempts in 1..=10 {
        let (mut operation, mut payment) = in_flight(attempts, 0);
        let effect = effect(apply(&mut operation, &mut payment, &Evidence::Ambiguous));
        assert_eq!((effect.key, effect.settled), (Key::Stays, None));
        assert_eq!((operation.state, payment.capture_pending), (State::Unknown, 100));
        let lease = operation.lease.expect("still in flight");
        assert_eq!(lease.until, NOW);
        waits.push((lease.next_check_at - NOW).whole_seconds());
    }
    assert_eq!(waits, [5, 15, 60, 300, 1_800, 7_200, 21_600, 82_800, 82_800, 82_800]);
}

#[test]
fn what_was_never_sent_is_given_up_and_frees_its_key() {
    let (mut operation, mut payment) = in_flight(GIVE_UP, GIVE_UP - 1);
    let effect = effect(apply(&mut operation, &mut payment, &not_sent()));
    assert_eq!((effect.key, effect.settled), (Key::Freed, Some(0)));
    assert_eq!(
        (operation.state, payment.open(), payment.state),
        (State::Failed, 100, payment::State::Pending)
    );
}

#[test]
fn what_may_have_been_sent_once_is_never_given_up() {
    // One attempt was swallowed by a crash, or ended ambiguously: its money may have moved.
    let (mut swallowed, mut payment) = in_flight(GIVE_UP + 3, GIVE_UP + 1);
    effect(apply(&mut swallowed, &mut payment, &not_sent()));
    assert_eq!((swallowed.state, payment.capture_pending), (State::Submitted, 100));
    let (mut unknown, mut payment) = in_flight(GIVE_UP, GIVE_UP - 1);
    unknown.state = State::Unknown;
    effect(apply(&mut unknown, &mut payment, &not_sent()));
    assert_eq!((unknown.state, payment.capture_pending), (State::Unknown, 100));
}

#[test]
fn money_after_a_failure_is_booked_as_well() {
    let (mut operation, mut payment) = in_flight(1, 0);
    effect(apply(&mut operation, &mut payment, &declined()));
    let effect = effect(apply(&mut operation, &mut payment, &moved(100)));
    assert_eq!((effect.key, effect.settled, operation.state), (Key::Stays, Some(100), State::Review));
    assert_eq!((payment.captured, payment.capture_pending), (100, 0));
    assert_eq!(apply(&mut operation, &mut payment, &moved(100)), Settlement::Already);
}

#[test]
fn an_attempt_is_counted_once_even_if_its_outcome_is_written_twice() {
    let (mut operation, mut payment) = in_flight(2, 0);
    for _ in 0..3 {
        effect(apply(&mut operation, &mut payment, &not_sent()));
        assert_eq!(operation.lease.map(|lease| (lease.attempts, lease.unexecuted)), Some((2, 1)));
    }
}
