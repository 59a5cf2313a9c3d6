//! The HTTP surface: Stripe's paths, the oracle that says what money moved, and the order book of faults.

mod create;
mod faults;
mod params;
mod read;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;
use uuid::Uuid;

use crate::book::locked;
use crate::reply::Reply;
use crate::sim::Parts;

pub(crate) fn router(parts: Arc<Parts>) -> Router {
    let stripe = Router::new()
        .route("/v1/payment_intents", post(create::create).get(read::list))
        .route("/v1/payment_intents/{id}", get(read::retrieve))
        .layer(middleware::from_fn(authenticate));
    Router::new()
        .merge(stripe)
        .route("/oracle/charges", get(charges))
        .route("/_sim/faults", post(faults::push))
        .route("/_sim/release", post(faults::release))
        .fallback(unknown_path)
        .with_state(parts)
}

/// Any bearer credential will do: the protocol is checked, not the secret.
async fn authenticate(request: Request, next: Next) -> Response {
    let response = match bearer(request.headers()) {
        Some(_) => next.run(request).await,
        None => Reply::unauthorized().into_response(),
    };
    with_request_id(response)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let credential = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    credential.strip_prefix("Bearer ").map(str::trim).filter(|secret| !secret.is_empty())
}

fn with_request_id(mut response: Response) -> Response {
    let id = format!("req_{}", Uuid::new_v4().simple());
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("request-id", id);
    }
    response
}

async fn charges(State(parts): State<Arc<Parts>>) -> Response {
    Json(json!({ "charges": locked(&parts.book).charges() })).into_response()
}

async fn unknown_path(request: Request) -> Response {
    Reply::unknown_path(request.method().as_str(), request.uri().path()).into_response()
}
