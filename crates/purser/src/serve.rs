//! `purser serve`: services on a database that somebody else runs.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use kernel::Clock;
use platform::db::{Database, DatabaseConfig};
use platform::telemetry::Telemetry;
use platform::{listen, stop};

use crate::config::{ServeConfig, ServicesConfig};
use crate::exit::Failure;
use crate::show::{self, Addresses};
use crate::system::{self, Deps};

/// Settings of `serve`.
#[derive(Clone, Debug)]
pub struct Config {
    /// How to serve.
    pub serving: ServeConfig,
    /// On which database.
    pub database: DatabaseConfig,
    /// Which services.
    pub services: ServicesConfig,
}

/// Serves until it is asked to stop. Ready or not is a matter of health: the database may come later.
///
/// # Errors
/// When a port cannot be had, or the server breaks.
pub async fn command(config: &Config, telemetry: &Telemetry) -> Result<ExitCode, Failure> {
    let stop = stop::on_signal().context("cannot catch signals")?;
    let listener = listen::bind(&config.serving.listen).await.context("gRPC")?;
    let metrics = listen::bind(&config.serving.metrics_listen).await.context("metrics")?;
    let addresses = Addresses {
        grpc: listener.local_addr().context("gRPC")?,
        metrics: metrics.local_addr().context("metrics")?,
    };
    let database = Database::new(&config.database).context("the database's address is wrong")?;
    let deps = Deps { database, clock: Arc::new(Clock::default()), registry: telemetry.registry() };
    let system = system::build(&config.serving, &config.services, deps)?;
    show::print(&addresses.lines("listening", &[]));
    system.run(listener, metrics, stop).await?;
    Ok(ExitCode::SUCCESS)
}
