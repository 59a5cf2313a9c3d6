//! Telemetry of the test process, set up once, with a trace collector that keeps what it is sent.

use std::net::TcpListener;
use std::sync::{LazyLock, Mutex};

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::trace::v1::Span;
use platform::telemetry::{Config, Telemetry, init};
use tonic::{Request, Response, Status};

static TELEMETRY: LazyLock<Telemetry> = LazyLock::new(|| {
    // A runtime of its own: those of the tests end with them.
    let (ready, is_ready) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let otlp_endpoint = Some(format!("http://{}", listener.local_addr().unwrap()));
            listener.set_nonblocking(true).unwrap();
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let incoming = tonic::transport::server::TcpIncoming::from(listener);
            ready.send(init(&Config { otlp_endpoint, log: "off".into(), ..Config::default() })).unwrap();
            let collector = TraceServiceServer::new(Collector);
            tonic::transport::Server::builder()
                .add_service(collector)
                .serve_with_incoming(incoming)
                .await
                .unwrap();
        });
    });
    is_ready.recv().unwrap().unwrap()
});

static SPANS: Mutex<Vec<Span>> = Mutex::new(Vec::new());

pub fn telemetry() -> &'static Telemetry {
    &TELEMETRY
}

/// The spans collected so far.
pub fn spans() -> Vec<Span> {
    SPANS.lock().unwrap().clone()
}

struct Collector;

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let scopes = request.into_inner().resource_spans.into_iter().flat_map(|of| of.scope_spans);
        SPANS.lock().unwrap().extend(scopes.flat_map(|scope| scope.spans));
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}
