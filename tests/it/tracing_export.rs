//! One order is one trace: the caller's, down to the transaction.

use std::sync::{Arc, Mutex};

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use tokio::net::TcpListener;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

use crate::support::process::Serving;
use crate::support::shop::{CARD, Shop};
use crate::support::world::World;

const TRACE: u128 = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736;
const CALLER: u64 = 0x00f0_67aa_0ba9_02b7;

/// What a paid order waits for, and the transactions behind it. Nobody waits for the last one's group commit.
const WANTED: [(&str, &str); 5] = [
    ("group_commit", "place_order"),
    ("batch", "place_order"),
    ("group_commit", "begin_capture"),
    ("batch", "begin_capture"),
    ("batch", "apply_outcome"),
];

/// A collector that keeps what it is sent.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Span>>>);

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let scopes = request.into_inner().resource_spans.into_iter().flat_map(|of| of.scope_spans);
        self.0.lock().unwrap().extend(scopes.flat_map(|scope| scope.spans));
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Collector {
    /// Serves it; its address as a URL.
    async fn serve(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let service = TraceServiceServer::new(self.clone());
        let server = tonic::transport::Server::builder().add_service(service);
        tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
        url
    }

    fn spans(&self) -> Vec<Span> {
        self.0.lock().unwrap().clone()
    }
}

/// What group commits and batches say they carry.
fn kind(span: &Span) -> &str {
    let attribute = span.attributes.iter().find(|attribute| attribute.key == "kind");
    match attribute.and_then(|attribute| attribute.value.as_ref()?.value.as_ref()) {
        Some(Value::StringValue(text)) => text,
        _ => "",
    }
}

/// Whether a span is below another one.
fn is_within(spans: &[Span], span: &Span, outer: &Span) -> bool {
    let mut above = span.parent_span_id.clone();
    while let Some(parent) = spans.iter().find(|span| span.span_id == above) {
        if parent.span_id == outer.span_id {
            return true;
        }
        above.clone_from(&parent.parent_span_id);
    }
    false
}

#[tokio::test]
async fn a_paid_order_is_one_trace_with_the_callers_id_from_the_call_to_the_transactions() {
    let (world, collector) = (World::new().await, Collector::default());
    let mut command = world.command(&["--provider-url", &world.provider.url]);
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.serve().await);
    let serving = Serving::start(command).await.ready().await;
    let shop = Shop::open(&serving).await;
    let sku = shop.stock(&serving, "MUG", 995, 10).await;
    let mut request = Request::new(shop.paid_basket(&[&sku], CARD));
    let traceparent = format!("00-{TRACE:032x}-{CALLER:016x}-01");
    request.metadata_mut().insert("traceparent", traceparent.parse().unwrap());
    serving.orders().place_order(request).await.unwrap();
    // What was not sent yet is sent at the end.
    serving.stop().await;

    let all = collector.spans();
    let (ours, others): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|span| span.trace_id == TRACE.to_be_bytes());
    let calls: Vec<_> = ours.iter().filter(|span| span.kind() == SpanKind::Server).collect();
    let [call] = calls[..] else { panic!("one call: {calls:?}") };
    assert!(call.name.ends_with("OrderService/PlaceOrder"), "{}", call.name);
    assert_eq!(call.parent_span_id, CALLER.to_be_bytes());
    for (name, wanted) in WANTED {
        let is_wanted = |span: &&Span| span.name == name && kind(span) == wanted;
        let found: Vec<_> = ours.iter().filter(is_wanted).collect();
        let [span] = found[..] else { panic!("one {name} of {wanted} in the trace: {ours:#?}") };
        assert!(is_within(&ours, span, call), "{name} of {wanted} is outside of the call");
        assert_eq!(others.iter().filter(is_wanted).count(), 0, "a {name} of {wanted} is elsewhere");
    }
}
