//! How many calls run at once: beyond that, RESOURCE_EXHAUSTED at once instead of a queue that nobody waits for.

use std::sync::Arc;

use http::HeaderMap;
use kernel::Refusal;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::tail::{self, Companion};
use super::{Around, Calls, Next, Request, Response};
use crate::grpc::server::Methods;
use crate::grpc::{health, status};

/// Counts and bounds the calls in flight, streams apart from the others: a stream may last for ever.
#[derive(Clone)]
pub struct InFlight {
    methods: Methods,
    unary: Arc<Semaphore>,
    unary_max: u32,
    streams: Arc<Semaphore>,
}

impl InFlight {
    /// At most so many calls and streams at once.
    #[must_use]
    pub fn new(methods: Methods, unary_max: u32, streams_max: u32) -> Self {
        Self {
            methods,
            unary: Arc::new(Semaphore::new(unary_max as usize)),
            unary_max,
            streams: Arc::new(Semaphore::new(streams_max as usize)),
        }
    }

    /// Waits until no unary call is in flight. For a server that takes no new ones.
    pub async fn ended(&self) {
        // Whoever has all permits knows that nobody else has one.
        let all = self.unary.acquire_many(self.unary_max).await;
        drop(all);
    }
}

impl Around for InFlight {
    async fn around<S: Calls>(self, request: Request, next: Next<S>) -> Response {
        let path = request.uri().path();
        if path == health::CHECK {
            // An overloaded server is not a dead one.
            return next.run(request).await;
        }
        let bound = if self.methods.streams(path) { &self.streams } else { &self.unary };
        let Ok(permit) = Arc::clone(bound).try_acquire_owned() else {
            return status(Refusal::overloaded()).into_http();
        };
        next.run(request).await.map(|body| tail::with(body, Held { _permit: permit }))
    }
}

struct Held {
    _permit: OwnedSemaphorePermit,
}

impl Companion for Held {
    fn trailers(&mut self, _: &HeaderMap) {}
}
