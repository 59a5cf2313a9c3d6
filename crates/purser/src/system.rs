//! The contexts become one process here: [`build`] makes the services from settings and what they stand on, and
//! [`System::run`] serves them and ends them in order.

use std::sync::Arc;

use anyhow::Context;
use kernel::{Clock, PageTokens};
use platform::db::Database;
use platform::grpc::Server;
use platform::months;
use platform::telemetry::http;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::{ServeConfig, ServicesConfig};
use crate::exit::Failure;

mod contexts;
mod endings;
mod readiness;

pub use endings::Endings;
pub use readiness::Readiness;

/// What violations of constraints mean, by context.
pub const CONSTRAINTS: [&[(&str, kernel::Reason)]; 5] = [
    platform::constraints::CONSTRAINTS,
    catalog::constraints::CONSTRAINTS,
    inventory::constraints::CONSTRAINTS,
    payment::constraints::CONSTRAINTS,
    order::constraints::CONSTRAINTS,
];

/// What the services stand on.
pub struct Deps {
    /// The database.
    pub database: Database,
    /// The clock.
    pub clock: Arc<Clock>,
    /// What the metrics endpoint shows.
    pub registry: prometheus::Registry,
}

/// A process's services, put together and not yet serving.
pub struct System {
    server: Server,
    readiness: Readiness,
    endings: Endings,
    deps: Deps,
}

/// Puts the services together and starts their lanes and workers. The database need not be there yet. To be called within a
/// runtime.
///
/// # Errors
/// When an address is none.
pub fn build(serving: &ServeConfig, services: &ServicesConfig, deps: Deps) -> Result<System, Failure> {
    let server = Server::new(serving.server.clone()).describe(contract::FILE_DESCRIPTOR_SET);
    let deps = Deps { database: deps.database.with_constraints(&CONSTRAINTS), ..deps };
    let mut endings = Endings::default();
    let page_tokens = PageTokens::default();
    let server = contexts::start(server, serving, services, &deps, &page_tokens, &mut endings)?;
    let readiness =
        Readiness::new(deps.database.clone(), Arc::clone(&deps.clock), page_tokens, server.health());
    Ok(System { server, readiness, endings, deps })
}

impl System {
    /// Whether it is ready, for whoever waits for it.
    #[must_use]
    pub fn readiness(&self) -> Readiness {
        self.readiness.clone()
    }

    /// Serves until `stop`, then ends in order: calls, the work behind them, the database's connections, metrics.
    ///
    /// # Errors
    /// When the server breaks.
    pub async fn run(
        self,
        listener: TcpListener,
        metrics: TcpListener,
        stop: CancellationToken,
    ) -> Result<(), Failure> {
        let ended = CancellationToken::new();
        let background = TaskTracker::new();
        background.spawn(self.readiness.clone().keep(ended.clone()));
        let (database, clock) = (self.deps.database.clone(), Arc::clone(&self.deps.clock));
        background.spawn(months::keep(database, clock, ended.clone()));
        let health = self.server.health();
        let ready = move || health.is_ready();
        background.spawn(http::serve(metrics, self.deps.registry.clone(), ready, ended.clone()));

        let served = self.server.run(listener, stop).await;
        self.endings.run().await;
        ended.cancel();
        background.close();
        background.wait().await;
        self.deps.database.close();
        tracing::info!("stopped");
        served.context("gRPC").map_err(Failure::from)
    }
}
