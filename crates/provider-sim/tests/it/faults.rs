//! Faults: what the caller sees, and what really happened.

use std::error::Error;
use std::io;

use provider_sim::Fault;
use serde_json::json;

use crate::served::{Served, answer, is_replay};

#[tokio::test]
async fn a_dropped_reply_leaves_the_money_moved_and_the_key_answering() {
    let served = Served::start().await;
    served.sim.faults().push(Fault::DropReplyAfterCommit);
    let error = served.caller.pay("k", "pm_card_visa").send().await.unwrap_err();
    assert!(!error.is_connect());
    assert_eq!(served.sim.charges().len(), 1);
    assert!(is_replay(&served.caller.pay("k", "pm_card_visa").send().await.unwrap()));
    assert_eq!(served.sim.charges().len(), 1);
}

#[tokio::test]
async fn a_reset_connection_leaves_nothing_behind() {
    let served = Served::start().await;
    served.sim.faults().push(Fault::ConnectionReset);
    let error = served.caller.pay("k", "pm_card_visa").send().await.unwrap_err();
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    let reset = std::iter::from_fn(|| {
        let this = cause?;
        cause = this.source();
        Some(this)
    })
    .filter_map(|cause| cause.downcast_ref::<io::Error>())
    .any(|cause| cause.kind() == io::ErrorKind::ConnectionReset);
    assert!(reset, "{error:?}");
    assert_eq!(served.sim.charges(), []);
    let second = served.caller.pay("k", "pm_card_visa").send().await.unwrap();
    assert_eq!((second.status().as_u16(), is_replay(&second)), (200, false));
}

#[tokio::test]
async fn a_500_is_the_result_its_key_keeps_whether_money_moved_or_not() {
    let served = Served::start().await;
    for (key, fault, moved) in
        [("before", Fault::Status500BeforeCommit, 0), ("after", Fault::Status500AfterCommit, 1)]
    {
        served.sim.faults().push(fault);
        assert_eq!(answer(served.caller.pay(key, "pm_card_visa")).await.0, 500);
        let again = served.caller.pay(key, "pm_card_visa").send().await.unwrap();
        assert_eq!((again.status().as_u16(), is_replay(&again)), (500, true));
        assert_eq!(served.sim.charges().len(), moved, "{key}");
    }
    let (_, list) = answer(served.caller.get("/v1/payment_intents")).await;
    assert_eq!(list["data"][0]["status"], "succeeded");
}

#[tokio::test]
async fn a_throttled_request_moves_nothing_and_its_key_stays_free() {
    let served = Served::start().await;
    served.sim.faults().push(Fault::Status429);
    assert_eq!(answer(served.caller.pay("k", "pm_card_visa")).await.0, 429);
    assert_eq!(served.sim.charges(), []);
    assert_eq!(answer(served.caller.pay("k", "pm_card_visa")).await.0, 200);
}

#[tokio::test]
async fn replays_and_refused_requests_take_no_fault() {
    let served = Served::start().await;
    answer(served.caller.pay("k", "pm_card_visa")).await;
    served.sim.faults().push(Fault::Status429);
    assert_eq!(answer(served.caller.pay("k", "pm_card_visa")).await.0, 200);
    assert_eq!(answer(served.caller.pay("other", "pm_nobody")).await.0, 400);
    assert_eq!(served.sim.faults().waiting(), 1);
    assert_eq!(answer(served.caller.pay("another", "pm_card_visa")).await.0, 429);
    assert_eq!(served.sim.faults().waiting(), 0);
}

#[tokio::test]
async fn a_caller_that_hangs_up_does_not_tear_an_execution() {
    let served = Served::start().await;
    let gate = provider_sim::Gate::default();
    let delay = provider_sim::Delay::UntilReleased(gate.clone());
    served.sim.faults().push(Fault::DelayReply(delay));
    let call = tokio::spawn(served.caller.pay("k", "pm_card_visa").send());
    gate.reached().await;
    call.abort();
    let _ = call.await;
    // The execution still stands at the gate and holds its key, although its caller is gone.
    assert_eq!(answer(served.caller.pay("k", "pm_card_visa")).await.0, 409);
    gate.release();
    served.stop().await;
}

#[tokio::test]
async fn faults_are_ordered_over_http_too() {
    let served = Served::start().await;
    for (order, status) in [
        (json!({ "fault": "status_500_before_commit" }), 500),
        (json!({ "fault": "status_500_after_commit" }), 500),
        (json!({ "fault": "status_429" }), 429),
        (json!({ "fault": "delay_reply", "ms": 1 }), 200),
    ] {
        let pushed = served.caller.post("/_sim/faults").json(&order).send().await.unwrap();
        assert_eq!(pushed.status(), 204);
        assert_eq!(answer(served.caller.pay(&order.to_string(), "pm_card_visa")).await.0, status, "{order}");
    }
    for order in [json!({ "fault": "drop_reply_after_commit" }), json!({ "fault": "connection_reset" })] {
        served.caller.post("/_sim/faults").json(&order).send().await.unwrap();
        served.caller.pay(&order.to_string(), "pm_card_visa").send().await.unwrap_err();
    }
    let unknown = served.caller.post("/_sim/faults").json(&json!({ "fault": "earthquake" })).send().await;
    assert_eq!(unknown.unwrap().status(), 422);
}

#[tokio::test]
async fn shutdown_releases_held_replies() {
    let served = Served::start().await;
    served.caller.post("/_sim/faults").json(&json!({ "fault": "delay_reply" })).send().await.unwrap();
    let call = tokio::spawn(served.caller.pay("k", "pm_card_visa").send());
    while served.sim.charges().is_empty() {
        tokio::task::yield_now().await;
    }
    served.stop().await;
    assert_eq!(call.await.unwrap().unwrap().status(), 200);
}
