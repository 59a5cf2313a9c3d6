//! Refusals that tonic makes by itself, in our words: an unreadable or too large message is the caller's mistake, and a
//! bare INTERNAL says nothing to callers and has its trace id.

use kernel::{Reason, Refusal};
use tonic::{Code, Status};

use super::{Around, Calls, Next, Request, Response};
use crate::grpc::status;

/// Replaces statuses that carry no details of ours.
#[derive(Clone, Copy)]
pub struct OwnWords;

impl Around for OwnWords {
    async fn around<S: Calls>(self, request: Request, next: Next<S>) -> Response {
        let response = next.run(request).await;
        match Status::from_header_map(response.headers()).and_then(|status| translated(&status)) {
            Some(refusal) => status(refusal).into_http(),
            None => response,
        }
    }
}

fn translated(made: &Status) -> Option<Refusal> {
    if !made.details().is_empty() {
        return None;
    }
    match made.code() {
        Code::OutOfRange => {
            Some(Refusal::new(Reason::ValidationFailed, "the request is larger than this service accepts"))
        }
        Code::Internal if made.message().contains("decode Protobuf message") => Some(Refusal::new(
            Reason::ValidationFailed,
            "the request is not a message of the type that this method takes",
        )),
        Code::Internal | Code::Unknown => {
            tracing::error!(code = ?made.code(), message = made.message(), "a status without a reason");
            Some(Refusal::internal())
        }
        _ => None,
    }
}
