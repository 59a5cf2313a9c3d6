//! A panic in a handler: INTERNAL for its caller, and nobody else notices.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use kernel::Refusal;

use super::{Around, Calls, Next, Request, Response};
use crate::grpc::status;

/// Turns a panic into INTERNAL. Its text goes to the log only.
#[derive(Clone, Copy)]
pub struct CatchPanic;

impl Around for CatchPanic {
    async fn around<S: Calls>(self, request: Request, next: Next<S>) -> Response {
        // A handler owns what it works on, or shares it behind locks that poison: nothing half-changed is seen again.
        match AssertUnwindSafe(next.run(request)).catch_unwind().await {
            Ok(response) => response,
            Err(panic) => {
                tracing::error!(panic = text(&*panic), "a handler panicked");
                status(Refusal::internal()).into_http()
            }
        }
    }
}

fn text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("not a text")
}
