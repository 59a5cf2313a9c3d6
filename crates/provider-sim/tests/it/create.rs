//! What a payment answers: money, a decline, or which parameter is wrong.

use crate::served::{Served, answer, payment};

#[tokio::test]
async fn a_good_card_moves_the_money_and_shows_a_succeeded_intent() {
    let served = Served::start().await;
    for (card, moved) in [("pm_card_visa", 1), ("pm_card_mastercard", 2)] {
        let (status, body) = answer(served.caller.pay(card, card)).await;
        assert_eq!(status, 200);
        assert_eq!(body["object"], "payment_intent");
        assert_eq!(body["status"], "succeeded");
        assert_eq!((&body["amount"], &body["amount_received"]), (&1234.into(), &1234.into()));
        assert_eq!(body["currency"], "gbp");
        assert_eq!(body["metadata"]["order_id"], "ord_1");
        let charges = served.sim.charges();
        assert_eq!(charges.len(), moved);
        let charge = charges.last().unwrap();
        assert_eq!(body["id"], charge.payment_intent.as_str());
        assert_eq!((charge.amount, charge.currency.as_str()), (1234, "gbp"));
        assert_eq!(charge.metadata["order_id"], "ord_1");
        assert_eq!(charge.idempotency_key.as_deref(), Some(card));
    }
}

#[tokio::test]
async fn a_declined_card_moves_nothing_and_says_why() {
    let served = Served::start().await;
    let cases = [
        ("pm_card_chargeDeclined", "card_declined", Some("generic_decline")),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", Some("insufficient_funds")),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
    ];
    for (card, code, decline_code) in cases {
        let (status, body) = answer(served.caller.pay(card, card)).await;
        let error = &body["error"];
        assert_eq!((status, &error["type"]), (402, &"card_error".into()), "{card}");
        assert_eq!(error["code"], code);
        assert_eq!(error["decline_code"].as_str(), decline_code);
        let intent = &error["payment_intent"];
        assert_eq!(intent["status"], "requires_payment_method");
        assert_eq!(intent["amount_received"], 0);
        assert_eq!(intent["last_payment_error"]["code"], code);
        assert!(intent["payment_method"].is_null());
    }
    assert_eq!(served.sim.charges(), []);
}

#[tokio::test]
async fn a_wrong_parameter_is_named_and_moves_nothing() {
    let served = Served::start().await;
    let long = "v".repeat(501);
    let cases: &[(&str, &str, &str, Option<&str>)] = &[
        ("amount", "0", "amount", Some("parameter_invalid_integer")),
        ("amount", "-5", "amount", Some("parameter_invalid_integer")),
        ("amount", "12.34", "amount", Some("parameter_invalid_integer")),
        ("amount", "100000000", "amount", Some("amount_too_large")),
        ("amount", "", "amount", Some("parameter_missing")),
        ("currency", "zzz", "currency", None),
        ("currency", "GBP", "currency", None),
        ("payment_method", "pm_nobody", "payment_method", Some("resource_missing")),
        ("confirm", "false", "confirm", None),
        ("capture_method", "manual", "capture_method", None),
        ("metadata[order_id]", &long, "metadata", None),
    ];
    for (name, value, param, code) in cases {
        let mut form = payment("1234", "pm_card_visa");
        form.iter_mut().filter(|field| field.0 == *name).for_each(|field| field.1 = value);
        let (status, body) = answer(served.caller.post("/v1/payment_intents").form(&form)).await;
        assert_eq!(
            (status, &body["error"]["type"]),
            (400, &"invalid_request_error".into()),
            "{name}={value}"
        );
        assert_eq!(body["error"]["param"], *param, "{name}={value}");
        assert_eq!(body["error"]["code"].as_str(), *code, "{name}={value}");
    }
    let mut form = payment("1234", "pm_card_visa");
    form.push(("tip", "1"));
    let (status, body) = answer(served.caller.post("/v1/payment_intents").form(&form)).await;
    assert_eq!((status, &body["error"]["code"]), (400, &"parameter_unknown".into()));
    assert_eq!(served.sim.charges(), []);
}

#[tokio::test]
async fn the_largest_amount_of_eight_digits_is_taken() {
    let served = Served::start().await;
    let form = payment("99999999", "pm_card_visa");
    let (status, _) = answer(served.caller.post("/v1/payment_intents").form(&form)).await;
    assert_eq!(status, 200);
    assert_eq!(served.sim.charges()[0].amount, 99_999_999);
    assert_eq!(served.sim.charges()[0].idempotency_key, None);
}

#[tokio::test]
async fn a_call_without_a_credential_is_refused_and_leaves_its_key_free() {
    let served = Served::start().await;
    let anonymous = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = served.caller.get("/v1/payment_intents").build().unwrap().url().clone();
    let call = anonymous.post(url).header("Idempotency-Key", "k").form(&payment("1234", "pm_card_visa"));
    let (status, body) = answer(call).await;
    assert_eq!((status, &body["error"]["type"]), (401, &"invalid_request_error".into()));
    assert_eq!(served.sim.charges(), []);
    assert_eq!(answer(served.caller.pay("k", "pm_card_visa")).await.0, 200);
}
