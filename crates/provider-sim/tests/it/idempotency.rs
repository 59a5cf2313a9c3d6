//! Stripe's rules of idempotency keys.

use futures::future::join_all;
use provider_sim::{Delay, Fault, Gate};

use crate::served::{Served, answer, is_replay, payment, read};

#[tokio::test]
async fn a_repeated_request_replays_its_first_result_and_says_so() {
    let served = Served::start().await;
    for card in ["pm_card_visa", "pm_card_chargeDeclined"] {
        let first = served.caller.pay(card, card).send().await.unwrap();
        assert!(!is_replay(&first));
        let second = served.caller.pay(card, card).send().await.unwrap();
        assert!(is_replay(&second));
        assert_eq!(read(first).await, read(second).await);
    }
    assert_eq!(served.sim.charges().len(), 1);
}

#[tokio::test]
async fn the_order_of_parameters_makes_no_other_request() {
    let served = Served::start().await;
    let mut form = payment("1234", "pm_card_visa");
    answer(served.caller.pay("k", "pm_card_visa")).await;
    form.reverse();
    let call = served.caller.post("/v1/payment_intents").header("Idempotency-Key", "k").form(&form);
    assert!(is_replay(&call.send().await.unwrap()));
}

#[tokio::test]
async fn a_key_with_other_parameters_is_refused() {
    let served = Served::start().await;
    answer(served.caller.pay("k", "pm_card_visa")).await;
    for form in [payment("1235", "pm_card_visa"), payment("0", "pm_card_visa")] {
        let call = served.caller.post("/v1/payment_intents").header("Idempotency-Key", "k").form(&form);
        let (status, body) = answer(call).await;
        assert_eq!((status, &body["error"]["type"]), (400, &"idempotency_error".into()));
    }
    assert_eq!(served.sim.charges().len(), 1);
}

#[tokio::test]
async fn a_request_that_fails_validation_leaves_its_key_free() {
    let served = Served::start().await;
    let (status, _) = answer(served.caller.pay("k", "pm_nobody")).await;
    assert_eq!(status, 400);
    let second = served.caller.pay("k", "pm_card_visa").send().await.unwrap();
    assert!(!is_replay(&second));
    assert_eq!(second.status(), 200);
}

#[tokio::test]
async fn a_twin_of_a_running_request_is_told_that_the_key_is_in_use() {
    let served = Served::start().await;
    let gate = Gate::default();
    served.sim.faults().push(Fault::DelayReply(Delay::UntilReleased(gate.clone())));
    let first = tokio::spawn(served.caller.pay("k", "pm_card_visa").send());
    gate.reached().await;
    let (status, body) = answer(served.caller.pay("k", "pm_card_visa")).await;
    assert_eq!((status, &body["error"]["code"]), (409, &"idempotency_key_in_use".into()));
    gate.release();
    assert_eq!(first.await.unwrap().unwrap().status(), 200);
    assert!(is_replay(&served.caller.pay("k", "pm_card_visa").send().await.unwrap()));
    assert_eq!(served.sim.charges().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_equal_requests_at_once_move_money_once() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::over(Some(folder.path().join("journal"))).await;
    let calls = (0..64).map(|_| tokio::spawn(served.caller.pay("k", "pm_card_visa").send()));
    let (mut fresh, mut others) = (0, 0);
    for response in join_all(calls).await {
        let response = response.unwrap().unwrap();
        match (response.status().as_u16(), is_replay(&response)) {
            (200, false) => fresh += 1,
            (200, true) | (409, false) => others += 1,
            other => panic!("unexpected answer {other:?}"),
        }
    }
    assert_eq!((fresh, others), (1, 63));
    assert_eq!(served.sim.charges().len(), 1);
}

#[tokio::test]
async fn a_key_is_forgotten_after_24_hours_and_then_pays_again() {
    let served = Served::start().await;
    let (_, first) = answer(served.caller.pay("k", "pm_card_visa")).await;
    served.clock.advance(time::Duration::hours(24) - time::Duration::minutes(1));
    assert!(is_replay(&served.caller.pay("k", "pm_card_visa").send().await.unwrap()));
    served.clock.advance(time::Duration::minutes(1));
    let (status, second) = answer(served.caller.pay("k", "pm_card_visa")).await;
    assert_eq!(status, 200);
    assert_ne!(first["id"], second["id"]);
    assert_eq!(served.sim.charges().len(), 2);
}
