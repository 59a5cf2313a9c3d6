//! `grpc.health.v1`: per service and, under the empty name, for the whole server. Not serving until told otherwise, and
//! never again once the server drains.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use futures::{Stream, StreamExt};
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;
use tonic::{Request, Response, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_server::HealthServer;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse, health_server};

/// The path of the check, which is answered even under overload.
pub const CHECK: &str = "/grpc.health.v1.Health/Check";

/// The state of a server's services. Clones are one.
#[derive(Clone, Debug)]
pub struct Health(Arc<watch::Sender<Board>>);

#[derive(Clone, Debug, Default)]
struct Board {
    serving: BTreeMap<String, bool>,
    draining: bool,
}

impl Default for Health {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Board::default())))
    }
}

impl Health {
    /// Adds a service that is not serving yet.
    pub fn declare(&self, service: &str) {
        self.set(service, false);
    }

    /// Says whether one service serves.
    pub fn set(&self, service: &str, serving: bool) {
        self.0.send_modify(|board| {
            board.serving.insert(service.to_owned(), serving);
        });
    }

    /// Says whether all services serve.
    pub fn set_all(&self, serving: bool) {
        self.0.send_modify(|board| board.serving.values_mut().for_each(|state| *state = serving));
    }

    /// Nothing serves any more, whatever is set later.
    pub fn drain(&self) {
        self.0.send_modify(|board| board.draining = true);
    }

    /// True when every service serves.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.0.borrow().status("") == Some(ServingStatus::Serving)
    }

    /// The gRPC service.
    #[must_use]
    pub fn service(&self) -> HealthServer<impl health_server::Health> {
        HealthServer::new(Answers(self.0.subscribe()))
    }
}

impl Board {
    /// `None` for a service that does not exist.
    fn status(&self, service: &str) -> Option<ServingStatus> {
        let serving = match service {
            "" => !self.serving.is_empty() && self.serving.values().all(|serving| *serving),
            name => *self.serving.get(name)?,
        };
        let up = serving && !self.draining;
        Some(if up { ServingStatus::Serving } else { ServingStatus::NotServing })
    }
}

struct Answers(watch::Receiver<Board>);

fn answer(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse { status: status.into() }
}

#[tonic::async_trait]
impl health_server::Health for Answers {
    type WatchStream = Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        let status = self.0.borrow().status(&request.get_ref().service);
        let status = status.ok_or_else(|| Status::not_found("no such service"))?;
        Ok(Response::new(answer(status)))
    }

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let service = request.into_inner().service;
        let states = WatchStream::new(self.0.clone())
            .map(move |board| board.status(&service).unwrap_or(ServingStatus::ServiceUnknown));
        let mut last = None;
        let changes = states.filter_map(move |status| {
            let changed = last.replace(status) != Some(status);
            std::future::ready(changed.then(|| Ok(answer(status))))
        });
        Ok(Response::new(Box::pin(changes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_serves_when_every_service_does_and_never_again_once_it_drains() {
        let health = Health::default();
        assert!(!health.is_ready());
        health.declare("a");
        health.declare("b");
        health.set("a", true);
        assert!(!health.is_ready());
        health.set("b", true);
        assert!(health.is_ready());
        health.drain();
        health.set_all(true);
        assert!(!health.is_ready());
    }
}
