//! What a call leaves behind: a span in the caller's trace, and a measurement.

use std::time::Duration;

use platform::grpc::server::Config;
use prometheus::{Encoder, TextEncoder};
use tonic::Request;

use super::probe::{Ask, start};
use super::world;

#[tokio::test]
async fn a_call_is_exported_as_a_span_of_its_callers_trace_and_nothing_of_the_transport_is() {
    let running = start(Config::default()).await;
    let mut request = Request::new(Ask::default());
    let traceparent = "00-11112222333344445555666677778888-b7ad6b7169203331-01";
    request.metadata_mut().insert("traceparent", traceparent.parse().unwrap());
    running.call("Echo", request).await.unwrap();
    let trace_id = 0x1111_2222_3333_4444_5555_6666_7777_8888_u128.to_be_bytes();
    let ours = || world::spans().into_iter().find(|span| span.trace_id == trace_id);
    // The exporter sends by itself, every few seconds.
    let collected = async {
        loop {
            match ours() {
                Some(span) => return span,
                None => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    };
    let span = tokio::time::timeout(Duration::from_secs(20), collected).await.expect("must be exported");
    assert_eq!(span.parent_span_id, 0xb7ad_6b71_6920_3331_u64.to_be_bytes());
    assert!(world::spans().iter().all(|span| span.name != "poll"), "the transport's spans must stay out");
}

#[tokio::test]
async fn a_call_is_measured_by_method_and_status() {
    let running = start(Config::default()).await;
    running.call("Echo", Request::new(Ask::default())).await.unwrap();
    running.call("Panic", Request::new(Ask::default())).await.unwrap_err();
    let mut text = Vec::new();
    TextEncoder::new().encode(&world::telemetry().registry().gather(), &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let counted = |code: &str| {
        text.lines().any(|line| {
            line.starts_with("rpc_server_call_duration_seconds_count")
                && line.contains(&format!("rpc_response_status_code=\"{code}\""))
                && line.contains("rpc_method=\"_OTHER\"")
        })
    };
    assert!(counted("OK") && counted("INTERNAL"), "{text}");
}
