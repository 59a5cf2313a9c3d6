//! The Stripe adapter against the simulator.

use std::sync::Arc;
use std::time::Duration;

use kernel::{Clock, Currency, Money};
use payment::provider::stripe::Stripe;
use payment::provider::{Advice, CaptureRequest, Outcome, Provider};
use provider_sim::{Config, Delay, Fault, Gate, Sim};
use tokio::net::TcpListener;

use super::request::{capture, pounds, stripe};

async fn provider() -> (Sim, Stripe) {
    let clock = Arc::new(Clock::default());
    let sim = Sim::open(Config { journal: None, clock }).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let adapter = stripe(&format!("http://{}", listener.local_addr().unwrap()));
    tokio::spawn(sim.serve(listener, std::future::pending()));
    (sim, adapter)
}

fn is_ambiguous(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Ambiguous { .. })
}

#[tokio::test]
async fn a_capture_moves_its_amount_once_and_names_whom_it_is_for() {
    let (sim, adapter) = provider().await;
    let request = capture("pm_card_visa");
    let first = adapter.capture(request.clone()).await;
    let again = adapter.capture(request.clone()).await;
    assert_eq!(first, again);
    let charges = sim.charges();
    assert_eq!(charges.len(), 1);
    let provider_reference = charges[0].payment_intent.clone();
    assert_eq!(first, Outcome::Succeeded { provider_reference, amount: request.amount });
    assert_eq!((charges[0].amount, charges[0].currency.as_str()), (1_234, "gbp"));
    assert_eq!(charges[0].idempotency_key, Some(request.provider_key));
    let metadata = [
        ("merchant_id".to_owned(), request.merchant_id.to_string()),
        ("operation_id".to_owned(), request.operation_id.to_string()),
        ("order_id".to_owned(), request.order_id.to_string()),
        ("payment_id".to_owned(), request.payment_id.to_string()),
    ];
    assert_eq!(charges[0].metadata, metadata.into());
}

#[tokio::test]
async fn amounts_go_out_in_the_providers_units_and_come_back_in_ours() {
    let (sim, adapter) = provider().await;
    for (code, minor, wire) in [("JPY", 500, 500), ("KWD", 5_120, 5_120), ("ISK", 5, 500)] {
        let amount = Money::new(Currency::parse(code).unwrap(), minor);
        let outcome = adapter.capture(CaptureRequest { amount, ..capture("pm_card_mastercard") }).await;
        assert!(
            matches!(outcome, Outcome::Succeeded { amount: moved, .. } if moved == amount),
            "{outcome:?}"
        );
        assert_eq!(sim.charges().last().unwrap().amount, wire, "{code}");
    }
}

#[tokio::test]
async fn a_decline_is_definite_and_says_what_the_payer_may_try() {
    let (sim, adapter) = provider().await;
    for (card, category, code, advice) in [
        ("pm_card_chargeDeclined", "declined", "generic_decline", Advice::OtherMethod),
        (
            "pm_card_chargeDeclinedInsufficientFunds",
            "insufficient_funds",
            "insufficient_funds",
            Advice::OtherMethod,
        ),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card", Advice::OtherMethod),
        ("pm_card_chargeDeclinedLostCard", "lost_or_stolen", "lost_card", Advice::DoNotRetry),
        (
            "pm_card_chargeDeclinedProcessingError",
            "temporary_failure",
            "processing_error",
            Advice::RetryLater,
        ),
    ] {
        let request = capture(card);
        let outcome = adapter.capture(request.clone()).await;
        let Outcome::Declined { provider_reference: Some(reference), .. } = &outcome else {
            panic!("{card}: {outcome:?}");
        };
        assert!(reference.starts_with("pi_"));
        let expected = Outcome::Declined {
            category: category.to_owned(),
            code: code.to_owned(),
            advice,
            provider_reference: Some(reference.clone()),
        };
        assert_eq!(outcome, expected);
        assert_eq!(adapter.capture(request).await, expected, "a repeated key repeats its decline");
    }
    assert_eq!(sim.charges(), []);
}

#[tokio::test]
async fn a_request_that_can_never_succeed_is_rejected() {
    let (sim, adapter) = provider().await;
    let code = |outcome| match outcome {
        Outcome::Rejected { code, message } if !message.is_empty() => code,
        other => panic!("{other:?}"),
    };
    assert_eq!(code(adapter.capture(capture("pm_nobody")).await), "resource_missing");
    let over = CaptureRequest { amount: pounds(100_000_000), ..capture("pm_card_visa") };
    assert_eq!(code(adapter.capture(over).await), "amount_too_large");
    let dinars = Money::new(Currency::parse("KWD").unwrap(), 5_124);
    let uneven = CaptureRequest { amount: dinars, ..capture("pm_card_visa") };
    assert_eq!(code(adapter.capture(uneven).await), "amount_not_chargeable");
    let key = CaptureRequest { provider_key: "a\nb".to_owned(), ..capture("pm_card_visa") };
    assert_eq!(code(adapter.capture(key).await), "request_malformed");
    assert_eq!(sim.charges(), []);
}

#[tokio::test]
async fn a_throttled_call_may_be_sent_again_with_its_key() {
    let (sim, adapter) = provider().await;
    sim.faults().push(Fault::Status429);
    let request = capture("pm_card_visa");
    let outcome = adapter.capture(request.clone()).await;
    assert!(matches!(outcome, Outcome::Throttled { retry_after } if !retry_after.is_zero()), "{outcome:?}");
    assert!(matches!(adapter.capture(request).await, Outcome::Succeeded { .. }));
}

#[tokio::test]
async fn a_lost_answer_is_ambiguous_and_its_key_finds_the_money() {
    for (fault, moved) in [(Fault::DropReplyAfterCommit, 1), (Fault::ConnectionReset, 0)] {
        let (sim, adapter) = provider().await;
        sim.faults().push(fault.clone());
        let request = capture("pm_card_visa");
        let lost = adapter.capture(request.clone()).await;
        assert!(is_ambiguous(&lost), "{fault:?}: {lost:?}");
        assert_eq!(sim.charges().len(), moved, "{fault:?}");
        assert!(matches!(adapter.capture(request).await, Outcome::Succeeded { .. }));
        assert_eq!(sim.charges().len(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_stored_500_stays_ambiguous_however_often_it_is_asked() {
    for (fault, moved) in [(Fault::Status500BeforeCommit, 0), (Fault::Status500AfterCommit, 1)] {
        let (sim, adapter) = provider().await;
        sim.faults().push(fault.clone());
        let request = capture("pm_card_visa");
        for _ in 0..2 {
            let outcome = adapter.capture(request.clone()).await;
            assert!(is_ambiguous(&outcome), "{fault:?}: {outcome:?}");
        }
        assert_eq!(sim.charges().len(), moved);
    }
}

#[tokio::test]
async fn a_passed_deadline_is_ambiguous_until_the_running_call_has_ended() {
    let (sim, adapter) = provider().await;
    let gate = Gate::default();
    sim.faults().push(Fault::DelayReply(Delay::UntilReleased(gate.clone())));
    let request = capture("pm_card_visa");
    let hurried = CaptureRequest { deadline: Duration::from_millis(200), ..request.clone() };
    // On a busy machine a call may run out of time before it arrives.
    while sim.faults().waiting() > 0 {
        let outcome = adapter.capture(hurried.clone()).await;
        assert!(is_ambiguous(&outcome), "{outcome:?}");
    }
    gate.reached().await;
    // The key is in use: what it is used for has moved the money.
    let outcome = adapter.capture(request.clone()).await;
    assert!(is_ambiguous(&outcome), "{outcome:?}");
    gate.release();
    let mut outcome = adapter.capture(request.clone()).await;
    while is_ambiguous(&outcome) {
        outcome = adapter.capture(request.clone()).await;
    }
    assert!(matches!(outcome, Outcome::Succeeded { .. }), "{outcome:?}");
    assert_eq!(sim.charges().len(), 1);
}

#[tokio::test]
async fn a_key_that_was_used_with_other_parameters_is_never_called_unpaid() {
    let (sim, adapter) = provider().await;
    let request = capture("pm_card_visa");
    adapter.capture(request.clone()).await;
    let outcome = adapter.capture(CaptureRequest { amount: pounds(1_235), ..request }).await;
    assert!(is_ambiguous(&outcome), "{outcome:?}");
    assert_eq!(sim.charges().len(), 1);
}

#[tokio::test]
async fn without_time_nothing_is_sent() {
    let (sim, adapter) = provider().await;
    let request = CaptureRequest { deadline: Duration::ZERO, ..capture("pm_card_visa") };
    assert!(matches!(adapter.capture(request).await, Outcome::NotSent { .. }));
    assert_eq!(sim.charges(), []);
}
