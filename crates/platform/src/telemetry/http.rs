//! The HTTP endpoint for machines that look after the process: `/metrics`, `/livez`, `/readyz`.

use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use prometheus::{Encoder, Registry, TextEncoder};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Serves until `stop`. `/livez` answers as long as the process does; `/readyz` asks `ready`.
///
/// # Errors
/// When the port breaks.
pub async fn serve(
    listener: TcpListener,
    registry: Registry,
    ready: impl Fn() -> bool + Send + Sync + 'static,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let ready = Arc::new(ready);
    let router = Router::new()
        .route("/metrics", get(move || async move { text(&registry) }))
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(move || async move { readiness(ready()) }));
    tokio::select! {
        ended = async { axum::serve(listener, router).await } => ended,
        () = stop.cancelled() => Ok(()),
    }
}

fn readiness(ready: bool) -> (StatusCode, &'static str) {
    if ready { (StatusCode::OK, "ready\n") } else { (StatusCode::SERVICE_UNAVAILABLE, "not ready\n") }
}

fn text(registry: &Registry) -> impl IntoResponse + use<> {
    let mut text = Vec::new();
    match TextEncoder::new().encode(&registry.gather(), &mut text) {
        Ok(()) => (StatusCode::OK, [(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text),
        Err(error) => {
            tracing::error!(%error, "the metrics cannot be written");
            (StatusCode::INTERNAL_SERVER_ERROR, [(header::CONTENT_TYPE, "text/plain")], Vec::new())
        }
    }
}
