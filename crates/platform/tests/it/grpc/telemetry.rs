//! What a call leaves behind: a span in the caller's trace, and a measurement.

use std::time::Duration;

use opentelemetry_proto::tonic::trace::v1::Span;
use platform::grpc::server::Config;
use prometheus::{Encoder, TextEncoder};
use tonic::Request;

use super::probe::{Ask, start};
use super::world;

const TRACE: u128 = 0x1111_2222_3333_4444_5555_6666_7777_8888;
const PARENT: u64 = 0xb7ad_6b71_6920_3331;

fn traced(trace_id: u128, ask: Ask) -> Request<Ask> {
    let mut request = Request::new(ask);
    let traceparent = format!("00-{trace_id:032x}-{PARENT:016x}-01");
    request.metadata_mut().insert("traceparent", traceparent.parse().unwrap());
    request
}

/// Waits until so many spans of a trace are exported. The exporter sends by itself, every few seconds.
async fn exported(trace_id: u128, count: usize) -> Vec<Span> {
    let ours = |span: &Span| span.trace_id == trace_id.to_be_bytes();
    let collected = async {
        loop {
            let spans: Vec<Span> = world::spans().into_iter().filter(ours).collect();
            if spans.len() >= count {
                return spans;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), collected).await.expect("must be exported")
}

#[tokio::test]
async fn a_call_is_exported_as_a_span_of_its_callers_trace_and_nothing_of_the_transport_is() {
    let running = start(Config::default()).await;
    running.call("Echo", traced(TRACE, Ask::default())).await.unwrap();
    let spans = exported(TRACE, 1).await;
    assert_eq!(spans[0].parent_span_id, PARENT.to_be_bytes());
    let all = world::spans();
    assert!(
        all.iter().all(|span| span.name == "_OTHER" || span.name.contains('/')),
        "no span of the transport"
    );
}

#[tokio::test]
async fn a_call_to_another_service_takes_trace_and_deadline_along() {
    let (first, second) = (start(Config::default()).await, start(Config::default()).await);
    let mut request = traced(TRACE + 1, Ask { service: format!("http://{}", second.address) });
    request.metadata_mut().insert("grpc-timeout", "5S".parse().unwrap());
    let left = first.call("Forward", request).await.unwrap().status;
    assert!((1..5_000).contains(&left), "{left} ms, of the first call's 5 s");
    let spans = exported(TRACE + 1, 2).await;
    let outer = spans.iter().find(|span| span.parent_span_id == PARENT.to_be_bytes()).unwrap();
    assert!(
        spans.iter().any(|span| span.parent_span_id == outer.span_id),
        "the second call is inside the first"
    );
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
