//! Reading back, and the oracle.

use crate::served::{Served, answer};

async fn pay(served: &Served, key: &str) -> String {
    let (_, body) = answer(served.caller.pay(key, "pm_card_visa")).await;
    body["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_intent_is_found_by_its_id() {
    let served = Served::start().await;
    let (_, made) = answer(served.caller.pay("k", "pm_card_visa")).await;
    let path = format!("/v1/payment_intents/{}", made["id"].as_str().unwrap());
    assert_eq!(answer(served.caller.get(&path)).await, (200, made));
    let (status, body) = answer(served.caller.get("/v1/payment_intents/pi_nothing")).await;
    assert_eq!((status, &body["error"]["code"]), (404, &"resource_missing".into()));
}

#[tokio::test]
async fn pages_walk_from_the_newest_intent_to_the_oldest() {
    let served = Served::start().await;
    let mut made = Vec::new();
    for number in 0..5 {
        made.push(pay(&served, &number.to_string()).await);
    }
    made.reverse();
    let (mut seen, mut path) = (Vec::new(), "/v1/payment_intents?limit=2".to_owned());
    loop {
        let (status, body) = answer(served.caller.get(&path)).await;
        assert_eq!(status, 200);
        let page = body["data"].as_array().unwrap();
        assert!((1..=2).contains(&page.len()));
        seen.extend(page.iter().map(|intent| intent["id"].as_str().unwrap().to_owned()));
        if body["has_more"] == false {
            break;
        }
        path = format!("/v1/payment_intents?limit=2&starting_after={}", seen.last().unwrap());
    }
    assert_eq!(seen, made);
    for query in ["limit=0", "limit=101", "starting_after=pi_nothing"] {
        assert_eq!(
            answer(served.caller.get(&format!("/v1/payment_intents?{query}"))).await.0,
            400,
            "{query}"
        );
    }
}

#[tokio::test]
async fn the_oracle_tells_what_money_moved_and_nothing_else() {
    let served = Served::start().await;
    let id = pay(&served, "paid").await;
    answer(served.caller.pay("declined", "pm_card_chargeDeclined")).await;
    let (status, body) = answer(served.caller.get("/oracle/charges")).await;
    assert_eq!(status, 200);
    assert_eq!(
        body,
        serde_json::json!({ "charges": [{
            "payment_intent": id,
            "amount": 1234,
            "currency": "gbp",
            "metadata": { "order_id": "ord_1" },
            "idempotency_key": "paid",
        }]})
    );
}
