//! The simulated payment provider inside `up`: on a loopback port, its journal among the data.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use kernel::Clock;
use provider_sim::Sim;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::cli::values::Service;
use crate::config::ServicesConfig;
use crate::exit::Failure;

/// A running provider.
pub struct Provider {
    sim: Sim,
    url: String,
    serving: JoinHandle<std::io::Result<()>>,
    stop: CancellationToken,
}

impl Provider {
    /// Starts it on a free port.
    pub async fn start(data_dir: &Path, clock: Arc<Clock>) -> Result<Self, Failure> {
        let journal = Some(data_dir.join("provider.journal"));
        let sim = Sim::open(provider_sim::Config { journal, clock }).context("payment provider")?;
        let listener = TcpListener::bind("127.0.0.1:0").await.context("payment provider")?;
        let url = format!("http://{}", listener.local_addr().context("payment provider")?);
        let stop = CancellationToken::new();
        let serving = tokio::spawn(sim.serve(listener, stop.clone().cancelled_owned()));
        Ok(Self { sim, url, serving, stop })
    }

    /// All services, with this provider.
    pub fn services(&self) -> ServicesConfig {
        use Service::{Catalog, Inventory, Order, Payment};
        ServicesConfig {
            services: [Catalog, Inventory, Order, Payment].into(),
            provider_url: Some(self.url.clone()),
            payment_url: None,
        }
    }

    /// Ends it, for calls that are under way in bounded time.
    pub async fn end(self) {
        self.stop.cancel();
        if let Ok(Err(error)) = self.serving.await {
            tracing::warn!(%error, "the payment provider broke");
        }
        self.sim.close();
    }
}
