//! One span, one measurement and one log line per call, however it ends: answered, refused, given up by its caller.

use std::time::Instant;

use http::HeaderMap;
use tonic::{Code, Status};
use tracing::{Instrument, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::tail::{self, Companion};
use super::{Around, Calls, Next, Request, Response};
use crate::grpc::server::Methods;
use crate::telemetry::{TraceId, metrics, propagation};

mod log;

/// Opens the span of a call and closes its books.
#[derive(Clone)]
pub struct Observe {
    /// The methods that exist; others are one name, so that a caller cannot invent metric series.
    pub methods: Methods,
}

impl Around for Observe {
    async fn around<S: Calls>(self, request: Request, next: Next<S>) -> Response {
        let method = self.methods.name(request.uri().path());
        let traceparent = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
        let trace_id = traceparent.and_then(TraceId::of_traceparent).unwrap_or_else(TraceId::random);
        let call = async move {
            let span = span(&method, trace_id);
            // Without a trace exporter there is nothing to set a parent on.
            let _ = span.set_parent(propagation::extract(request.headers()));
            let books = Books { method, span: span.clone(), started: Instant::now(), ended: None };
            metrics::rpc().started(&books.method);
            let answered = next.run(request).instrument(span).await;
            books.attach(answered)
        };
        trace_id.scope(call).await
    }
}

fn span(method: &str, trace_id: TraceId) -> Span {
    tracing::error_span!(
        "rpc",
        otel.name = method,
        otel.kind = "server",
        otel.status_code = tracing::field::Empty,
        rpc.system.name = "grpc",
        rpc.method = method,
        rpc.response.status_code = tracing::field::Empty,
        trace_id = %trace_id,
    )
}

/// What is known of a call until it ends; dropped without an end, its caller has given up.
struct Books {
    method: std::sync::Arc<str>,
    span: Span,
    started: Instant,
    ended: Option<Status>,
}

impl Books {
    fn attach(mut self, response: Response) -> Response {
        // A refusal has its status in the headers and no body to wait for.
        if let Some(status) = Status::from_header_map(response.headers()) {
            self.ended = Some(status);
            return response;
        }
        response.map(|body| tail::with(body, self))
    }
}

impl Companion for Books {
    fn trailers(&mut self, trailers: &HeaderMap) {
        self.ended = Status::from_header_map(trailers);
    }
}

impl Drop for Books {
    fn drop(&mut self) {
        let given_up = || Status::new(Code::Cancelled, "the caller is gone");
        let status = self.ended.take().unwrap_or_else(given_up);
        let elapsed = self.started.elapsed();
        self.span.record("rpc.response.status_code", log::code_name(status.code()));
        if log::is_our_fault(status.code()) {
            self.span.record("otel.status_code", "ERROR");
        }
        metrics::rpc().ended(&self.method, log::code_name(status.code()), elapsed);
        self.span.in_scope(|| log::line(&self.method, &status, elapsed));
    }
}
