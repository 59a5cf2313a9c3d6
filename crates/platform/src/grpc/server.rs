//! A gRPC server that is fit to run: layers, health, reflection, HTTP/2 bounds, and an end that comes in bounded time.
//!
//! ```ignore
//! let server = Server::new(Config::default())
//!     .describe(contract::FILE_DESCRIPTOR_SET)
//!     .serve(OrderServiceServer::new(orders).max_decoding_message_size(REQUEST_BYTES_MAX));
//! let health = server.health();
//! let serving = tokio::spawn(server.run(listener, stop.clone()));
//! health.set_all(true);
//! stop.cancelled().await;          // somebody sends SIGTERM
//! serving.await??;                 // calls have ended: now the queues behind them can be drained
//! ```

use std::convert::Infallible;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::RoutesBuilder;
use tower::{Service, ServiceBuilder};

use super::health::Health;
use super::layers::Step;
use super::layers::deadline::EndAtDeadline;
use super::layers::in_flight::InFlight;
use super::layers::native::OwnWords;
use super::layers::observe::Observe;
use super::layers::panic::CatchPanic;
use super::reflection;

mod drain;
mod methods;
mod severable;

pub use methods::Methods;

/// Largest request, for `max_decoding_message_size` of every service.
pub const REQUEST_BYTES_MAX: usize = 1024 * 1024;

/// Settings of a server; the defaults are those of production.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Deadline of a unary call that states none, and the longest one that counts.
    pub deadline_max: Duration,
    /// Unary calls in flight at once.
    pub calls_max: u32,
    /// Streams open at once.
    pub streams_max: u32,
    /// Between NOT_SERVING and the closed port, so that load balancers notice first.
    pub drain_delay: Duration,
    /// Between the closed port and the end by force.
    pub drain_grace: Duration,
    /// Age at which a connection is asked to reconnect, so that load spreads over new processes.
    pub connection_age_max: Duration,
    /// Whether the reflection services are there.
    pub reflection: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            deadline_max: Duration::from_secs(30),
            calls_max: 4_096,
            streams_max: 1_024,
            drain_delay: Duration::ZERO,
            drain_grace: Duration::from_secs(10),
            connection_age_max: Duration::from_secs(30 * 60),
            reflection: true,
        }
    }
}

/// A server that is being put together.
pub struct Server {
    config: Config,
    routes: RoutesBuilder,
    descriptors: Vec<&'static [u8]>,
    health: Health,
}

impl Server {
    /// A server without services. Its health is NOT_SERVING.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            config,
            routes: RoutesBuilder::default(),
            descriptors: vec![tonic_health::pb::FILE_DESCRIPTOR_SET, tonic_types::pb::FILE_DESCRIPTOR_SET],
            health: Health::default(),
        }
    }

    /// Adds an encoded `FileDescriptorSet`: for reflection, and to know which methods exist and which of them stream.
    #[must_use]
    pub fn describe(mut self, descriptors: &'static [u8]) -> Self {
        self.descriptors.push(descriptors);
        self
    }

    /// Adds a service, NOT_SERVING until its health is set.
    #[must_use]
    pub fn serve<S>(mut self, service: S) -> Self
    where
        S: Service<http::Request<Body>, Error = Infallible> + NamedService + Clone + Send + Sync + 'static,
        S::Response: axum::response::IntoResponse,
        S::Future: Send + 'static,
    {
        self.health.declare(S::NAME);
        self.routes.add_service(service);
        self
    }

    /// The handle by which services are called serving or not.
    #[must_use]
    pub fn health(&self) -> Health {
        self.health.clone()
    }

    /// Serves until `stop`, then: NOT_SERVING, the drain delay, the port closes, calls in flight end, and what is left
    /// when they have ended or the grace time has passed (streams, silent connections) is cut off.
    ///
    /// # Errors
    /// When the descriptors cannot be read, or the port cannot be served.
    pub async fn run(mut self, listener: TcpListener, stop: CancellationToken) -> Result<(), Error> {
        let methods = Methods::of(&self.descriptors)?;
        self.routes.add_service(self.health.service());
        if self.config.reflection {
            reflection::add(&mut self.routes, &self.descriptors)?;
        }
        let calls = InFlight::new(methods.clone(), self.config.calls_max, self.config.streams_max);
        let layers = ServiceBuilder::new()
            .layer(Step(Observe { methods: methods.clone() }))
            .layer(Step(CatchPanic))
            .layer(Step(EndAtDeadline { methods, unary_max: self.config.deadline_max }))
            .layer(Step(calls.clone()))
            .layer(Step(OwnWords));
        let router = transport(&self.config).layer(layers).add_routes(self.routes.routes().prepare());

        let drain = drain::Drain::new(&self.config, self.health, calls);
        let incoming = drain.incoming(listener);
        let closed = CancellationToken::new();
        let serving = router.serve_with_incoming_shutdown(incoming, closed.clone().cancelled_owned());
        drain.run(serving, stop, &closed).await
    }
}

fn transport(config: &Config) -> tonic::transport::Server {
    tonic::transport::Server::builder()
        // tonic would pass "no limit" to hyper, which by itself has one of 200.
        .max_concurrent_streams(1_024)
        .http2_keepalive_interval(Some(Duration::from_secs(60)))
        .http2_keepalive_timeout(Some(Duration::from_secs(20)))
        .http2_max_pending_accept_reset_streams(Some(1_024))
        // Without a grace time: with one, tonic cuts connections instead of asking clients to leave them.
        .max_connection_age(config.connection_age_max)
}

/// Why a server did not start, or broke.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An encoded descriptor set is none.
    #[error("a descriptor set cannot be read")]
    Descriptors(#[from] prost::DecodeError),
    /// Reflection refused the descriptors.
    #[error("reflection cannot be served")]
    Reflection(#[from] tonic_reflection::server::Error),
    /// The transport failed.
    #[error("the gRPC transport failed")]
    Transport(#[from] tonic::transport::Error),
}
