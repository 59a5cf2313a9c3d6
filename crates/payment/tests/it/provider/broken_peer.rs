//! The Stripe adapter against peers that are not there, fall silent or talk nonsense.

use std::time::Duration;

use payment::provider::stripe::{Config, ConfigError, Stripe};
use payment::provider::{CaptureRequest, Outcome, Provider};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::request::{capture, pounds, stripe};

/// A peer that answers its first request with these bytes and hangs up; it gives back what it was sent.
async fn answering(bytes: String) -> (Stripe, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let adapter = stripe(&format!("http://{}", listener.local_addr().unwrap()));
    let peer = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        // The last parameter of the form has arrived with its value: the request is complete.
        while !String::from_utf8_lossy(&request).contains("operation_id%5D=op_") {
            assert!(stream.read_buf(&mut request).await.unwrap() > 0, "the request does not end");
        }
        stream.write_all(bytes.as_bytes()).await.unwrap();
        String::from_utf8(request).unwrap()
    });
    (adapter, peer)
}

fn http(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nRequest-Id: req_7\r\n\r\n{body}", body.len())
}

fn paid(amount: i64, currency: &str) -> String {
    format!(r#"{{"id":"pi_1","status":"succeeded","amount_received":{amount},"currency":"{currency}"}}"#)
}

async fn outcome_of(bytes: String) -> Outcome {
    let (adapter, _peer) = answering(bytes).await;
    adapter.capture(capture("pm_card_visa")).await
}

#[tokio::test]
async fn a_call_carries_key_credential_version_and_nothing_in_its_path() {
    let (adapter, peer) = answering(http("200 OK", &paid(1_234, "gbp"))).await;
    let request = capture("pm_card_visa");
    adapter.capture(request.clone()).await;
    let sent = peer.await.unwrap().to_ascii_lowercase();
    assert!(sent.starts_with("post /v1/payment_intents http/1.1\r\n"), "{sent}");
    for line in [
        format!("idempotency-key: {}", request.provider_key),
        "authorization: bearer sk_test_1".to_owned(),
        "stripe-version: 2025-03-31.basil".to_owned(),
        "content-type: application/x-www-form-urlencoded".to_owned(),
    ] {
        assert!(sent.contains(&format!("\r\n{line}\r\n")), "{line} in {sent}");
    }
}

#[tokio::test]
async fn a_peer_that_is_not_there_was_not_sent_anything() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let adapter = stripe(&format!("http://{}", listener.local_addr().unwrap()));
    drop(listener);
    let outcome = adapter.capture(capture("pm_card_visa")).await;
    assert!(matches!(outcome, Outcome::NotSent { .. }), "{outcome:?}");
}

#[tokio::test]
async fn other_money_than_was_asked_for_is_told_as_it_moved() {
    for (body, amount) in [(paid(1_000, "gbp"), pounds(1_000)), (paid(9_999, "gbp"), pounds(9_999))] {
        let moved = Outcome::Succeeded { provider_reference: "pi_1".to_owned(), amount };
        assert_eq!(outcome_of(http("200 OK", &body)).await, moved);
    }
    let Outcome::Succeeded { amount, .. } = outcome_of(http("200 OK", &paid(1_234, "usd"))).await else {
        panic!("money moved");
    };
    assert_eq!((amount.minor, amount.currency.code()), (1_234, "USD"));
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_ambiguous() {
    let body = paid(1_234, "gbp");
    let torn = http("200 OK", &body).replace(&body, &body[..20]);
    for answer in [
        torn,
        String::new(),
        "HTTP/1.1 200 OK\r\nContent-Le".to_owned(),
        "no HTTP at all\r\n\r\n".to_owned(),
        http("200 OK", "<html>Welcome</html>"),
        http("404 Not Found", "<html>no such page</html>"),
        http("502 Bad Gateway", "upstream"),
    ] {
        let outcome = outcome_of(answer.clone()).await;
        assert!(matches!(outcome, Outcome::Ambiguous { .. }), "{answer}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_redirection_is_not_followed() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let location = format!("http://{}/", elsewhere.local_addr().unwrap());
    let answer =
        format!("HTTP/1.1 307 Temporary Redirect\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
    tokio::select! {
        outcome = outcome_of(answer) => assert!(matches!(outcome, Outcome::Ambiguous { .. }), "{outcome:?}"),
        _ = elsewhere.accept() => panic!("the capture was sent again, elsewhere"),
    }
}

#[tokio::test]
async fn a_silent_peer_is_ambiguous_at_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let adapter = stripe(&format!("http://{}", listener.local_addr().unwrap()));
    let request = CaptureRequest { deadline: Duration::from_millis(100), ..capture("pm_card_visa") };
    let outcome = adapter.capture(request).await;
    assert!(matches!(outcome, Outcome::Ambiguous { .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_throttling_peer_says_how_long_to_wait() {
    let answer = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n";
    let wait = Outcome::Throttled { retry_after: Duration::from_secs(7) };
    assert_eq!(outcome_of(answer.to_owned()).await, wait);
}

#[tokio::test]
async fn a_refused_credential_leaves_the_operation_open() {
    let body = r#"{"error":{"type":"invalid_request_error","message":"Invalid API Key"}}"#;
    let outcome = outcome_of(http("401 Unauthorized", body)).await;
    let Outcome::NotSent { detail } = outcome else { panic!("{outcome:?}") };
    assert!(detail.contains("req_7"), "{detail}");
}

#[test]
fn a_wrong_setting_is_named_and_no_secret_is_shown() {
    let new = |base_url: &str, secret: &str| {
        let (base_url, secret) = (base_url.to_owned(), secret.to_owned());
        Stripe::new(&Config { base_url, secret, connect_timeout: Duration::from_secs(1) })
    };
    assert!(matches!(new("https://api.stripe.com", "s"), Err(ConfigError::Tls)));
    for url in ["127.0.0.1:80", "ftp://somewhere", ""] {
        assert!(matches!(new(url, "s"), Err(ConfigError::Url)), "{url}");
    }
    assert!(matches!(new("http://127.0.0.1:80", "s\n"), Err(ConfigError::Secret)));
    let adapter = new("http://127.0.0.1:80/", "sk_secret").unwrap();
    assert!(!format!("{adapter:?}").contains("sk_secret"));
    assert!(!format!("{:?}", capture("pm_secret")).contains("pm_secret"));
}
