//! `purser up`: everything in one process, with a Postgres of its own.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use kernel::Clock;
use platform::db::{Database, DatabaseConfig};
use platform::embedded::EmbeddedPostgres;
use platform::telemetry::Telemetry;
use platform::{listen, stop};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::config::{DataConfig, ServeConfig};
use crate::exit::Failure;
use crate::show::{self, Addresses};
use crate::system::{self, Deps, Readiness};
use crate::{database, migrate};

pub mod demo;
mod provider;

use provider::Provider;

/// Settings of `up`.
#[derive(Clone, Debug)]
pub struct Config {
    /// How to serve.
    pub serving: ServeConfig,
    /// Where the data is.
    pub data: DataConfig,
}

/// A running system with its own Postgres and provider.
pub struct Up {
    /// Where it can be reached.
    pub addresses: Addresses,
    postgres: EmbeddedPostgres,
    provider: Provider,
    readiness: Readiness,
    serving: JoinHandle<Result<(), Failure>>,
    stop: CancellationToken,
    note: PathBuf,
}

/// Runs until it is asked to stop.
///
/// # Errors
/// When something cannot start, or breaks.
pub async fn command(config: &Config, telemetry: &Telemetry) -> Result<ExitCode, Failure> {
    let stop = stop::on_signal().context("cannot catch signals")?;
    let up = Up::start(config, telemetry, stop).await?;
    if up.is_ready().await {
        let dir = config.data.dir.display().to_string();
        let more = [("data", dir), ("stop", "Ctrl-C, or SIGTERM".to_owned())];
        show::print(&up.addresses.lines("ready", &more));
    }
    up.ended().await?;
    Ok(ExitCode::SUCCESS)
}

impl Up {
    /// Starts everything. What was started is stopped again when the rest cannot start.
    ///
    /// # Errors
    /// When a port is taken, the data directory is in use, or Postgres or a migration fails.
    pub async fn start(
        config: &Config,
        telemetry: &Telemetry,
        stop: CancellationToken,
    ) -> Result<Self, Failure> {
        // The ports first: a taken one is told at once, not after the start of a database.
        let listener = listen::bind(&config.serving.listen).await.context("gRPC")?;
        let metrics = listen::bind(&config.serving.metrics_listen).await.context("metrics")?;
        let addresses = Addresses {
            grpc: listener.local_addr().context("gRPC")?,
            metrics: metrics.local_addr().context("metrics")?,
        };
        let postgres = EmbeddedPostgres::start(config.data.postgres()).await.map_err(anyhow::Error::from)?;
        postgres.create_database_if_missing(database::NAME).await.map_err(anyhow::Error::from)?;
        let url = postgres.url(database::NAME);
        migrate::run(&url).await?;
        let clock = Arc::new(Clock::default());
        let provider = Provider::start(&config.data.dir, Arc::clone(&clock)).await?;

        let database = Database::new(&DatabaseConfig::new(&url)).context("the database's address")?;
        let deps = Deps { database, clock, registry: telemetry.registry() };
        let system = system::build(&config.serving, &provider.services(), deps)?;
        let readiness = system.readiness();
        let note = database::url_file(&config.data.dir);
        std::fs::write(&note, &url).with_context(|| note.display().to_string())?;
        let ended = stop.clone();
        let serving = tokio::spawn(async move {
            let served = system.run(listener, metrics, ended.clone()).await;
            // A server that broke ends the rest too.
            ended.cancel();
            served
        });
        Ok(Self { addresses, postgres, provider, readiness, serving, stop, note })
    }

    /// Waits until it serves; false when it is to end before that.
    pub async fn is_ready(&self) -> bool {
        tokio::select! {
            () = self.readiness.ready() => true,
            () = self.stop.cancelled() => false,
            _ = self.postgres.died() => false,
        }
    }

    /// Waits for the end, in its order: calls and queues, the provider, Postgres.
    ///
    /// # Errors
    /// When the server broke, or Postgres died under it.
    pub async fn ended(mut self) -> Result<(), Failure> {
        let served = tokio::select! {
            served = &mut self.serving => served,
            status = self.postgres.died() => {
                self.stop.cancel();
                let _ = self.serving.await;
                return Err(Failure::Failed(anyhow::anyhow!("Postgres ended by itself ({status})")));
            }
        };
        self.provider.end().await;
        // Whoever reads it next would wait for a Postgres that is gone.
        let _ = std::fs::remove_file(&self.note);
        self.postgres.stop().await.map_err(anyhow::Error::from)?;
        served.context("the server panicked")?
    }
}
