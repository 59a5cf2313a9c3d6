//! What the layers make of calls that do not go well.

use std::time::Duration;

use platform::grpc::server::Config;
use tonic::{Code, Request};
use tonic_types::StatusExt;

use super::probe::{Ask, start};

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn traced() -> Request<Ask> {
    let mut request = Request::new(Ask::default());
    request.metadata_mut().insert("traceparent", TRACEPARENT.parse().unwrap());
    request
}

#[tokio::test]
async fn a_panic_and_a_bare_internal_show_a_fixed_text_and_the_callers_trace_id() {
    let running = start(Config::default()).await;
    for method in ["Panic", "Bare"] {
        let status = running.call(method, traced()).await.unwrap_err();
        assert_eq!(status.code(), Code::Internal, "{method}");
        assert!(!status.message().contains("secret"), "{method}");
        let info = status.get_details_error_info().unwrap();
        assert_eq!(info.reason, "INTERNAL");
        assert_eq!(info.metadata["trace_id"], "0af7651916cd43dd8448eb211c80319c");
    }
    assert_eq!(running.call("Echo", traced()).await.unwrap().status, 1);
}

#[tokio::test]
async fn a_passed_deadline_is_deadline_exceeded_whether_stated_or_not() {
    let running = start(Config { deadline_max: Duration::from_millis(200), ..Config::default() }).await;
    let unstated = running.call_raw("Never", traced()).await.unwrap_err();
    // tonic's server reads this header too, and must not be the first to act on it.
    let mut request = traced();
    request.metadata_mut().insert("grpc-timeout", "50m".parse().unwrap());
    let stated = running.call_raw("Never", request).await.unwrap_err();
    for status in [unstated, stated] {
        assert_eq!(status.code(), Code::DeadlineExceeded);
        assert_eq!(status.get_details_error_info().unwrap().reason, "DEADLINE_EXCEEDED");
    }
}

#[tokio::test]
async fn a_handler_knows_what_is_left_of_its_deadline() {
    let running = start(Config::default()).await;
    let mut request = traced();
    request.metadata_mut().insert("grpc-timeout", "5S".parse().unwrap());
    let left = running.call("Left", request).await.unwrap().status;
    assert!((1..5_000).contains(&left), "{left}");
    let left = running.call("Left", traced()).await.unwrap().status;
    assert!((5_000..30_000).contains(&left), "{left}");
}

#[tokio::test]
async fn a_call_too_many_is_refused_at_once_and_the_health_check_is_not() {
    let running = start(Config { calls_max: 1, ..Config::default() }).await;
    let (waiting, refused) = tokio::join!(running.call("Wait", traced()), async {
        running.probe.entered.notified().await;
        let refused = running.call("Echo", traced()).await.unwrap_err();
        let mut health = tonic_health::pb::health_client::HealthClient::new(running.channel.clone());
        health.check(Ask::default()).await.unwrap();
        running.probe.release.notify_one();
        refused
    });
    assert_eq!(waiting.unwrap().status, 1);
    assert_eq!(refused.code(), Code::ResourceExhausted);
    assert_eq!(refused.get_details_error_info().unwrap().reason, "OVERLOADED");
    assert!(refused.get_details_retry_info().is_some());
    assert_eq!(running.call("Echo", traced()).await.unwrap().status, 1);
}

#[tokio::test]
async fn a_request_over_one_mebibyte_is_an_invalid_argument() {
    let running = start(Config::default()).await;
    let status =
        running.call("Echo", Request::new(Ask { service: "x".repeat(1_100_000) })).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(status.get_details_error_info().unwrap().reason, "VALIDATION_FAILED");
}

#[tokio::test]
async fn a_message_of_another_type_is_an_invalid_argument() {
    let running = start(Config::default()).await;
    let mut grpc = tonic::client::Grpc::new(running.channel.clone());
    grpc.ready().await.unwrap();
    // Field 1 as a number, where the service takes a text.
    let codec = tonic_prost::ProstCodec::<super::probe::Answer, super::probe::Answer>::default();
    let request = Request::new(super::probe::Answer { status: 7 });
    let status = grpc.unary(request, "/test.Probe/Echo".parse().unwrap(), codec).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(status.get_details_error_info().unwrap().reason, "VALIDATION_FAILED");
}
