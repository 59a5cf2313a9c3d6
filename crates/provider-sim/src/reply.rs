//! Replies in the provider's words: a status and a JSON body.

use serde_json::{Value, json};

use crate::intent::Intent;
use axum::Json;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Value,
    is_replay: bool,
}

impl Reply {
    fn new(status: u16, body: Value) -> Self {
        Self { status, body, is_replay: false }
    }

    /// The same reply, marked as a repetition of the first one.
    pub(crate) fn replayed(self) -> Self {
        Self { is_replay: true, ..self }
    }

    pub(crate) fn ok(body: Value) -> Self {
        Self::new(200, body)
    }

    /// The reply to the request that made this intent: the intent, or the issuer's no with the intent inside.
    pub(crate) fn executed(intent: &Intent) -> Self {
        match &intent.decline {
            None => Self::ok(intent.wire()),
            Some(decline) => {
                let mut error = intent.card_error(decline);
                error["payment_intent"] = intent.wire();
                Self::new(402, json!({ "error": error }))
            }
        }
    }

    /// The request is wrong and nothing was executed.
    pub(crate) fn invalid(code: Option<&str>, param: Option<&str>, message: &str) -> Self {
        Self::error(400, "invalid_request_error", code, param, message)
    }

    pub(crate) fn missing_resource(status: u16, param: &str, message: &str) -> Self {
        Self::error(status, "invalid_request_error", Some("resource_missing"), Some(param), message)
    }

    pub(crate) fn unauthorized() -> Self {
        let message =
            "You did not provide an API key. Provide it in the Authorization header: Bearer YOUR_KEY.";
        Self::error(401, "invalid_request_error", None, None, message)
    }

    pub(crate) fn unknown_path(method: &str, path: &str) -> Self {
        let message = format!("Unrecognized request URL ({method}: {path}).");
        Self::error(404, "invalid_request_error", None, None, &message)
    }

    pub(crate) fn other_parameters(key: &str) -> Self {
        let message = format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. \
             Use another key than '{key}' for another request."
        );
        Self::error(400, "idempotency_error", None, None, &message)
    }

    pub(crate) fn key_in_use(key: &str) -> Self {
        let message =
            format!("Another request with the key '{key}' is still being executed. Try again later.");
        Self::error(409, "idempotency_error", Some("idempotency_key_in_use"), None, &message)
    }

    pub(crate) fn rate_limited() -> Self {
        let message = "Too many requests hit the API too quickly.";
        Self::error(429, "invalid_request_error", Some("rate_limit"), None, message)
    }

    pub(crate) fn internal() -> Self {
        Self::error(500, "api_error", None, None, "An unknown error occurred.")
    }

    fn error(status: u16, kind: &str, code: Option<&str>, param: Option<&str>, message: &str) -> Self {
        let mut error = json!({ "type": kind, "message": message });
        if let Some(code) = code {
            error["code"] = json!(code);
        }
        if let Some(param) = param {
            error["param"] = json!(param);
        }
        Self::new(status, json!({ "error": error }))
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self.body)).into_response();
        if self.is_replay {
            response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
        }
        response
    }
}
