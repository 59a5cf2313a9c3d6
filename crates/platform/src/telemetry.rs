//! Logs, traces and metrics of a process.
//!
//! Logs go to stderr, each line of a call with its trace id. Metrics are always kept, for the Prometheus endpoint
//! ([`http`]); with an OTLP endpoint they are also pushed, and traces with them. [`init`] comes before anything that
//! measures.

use std::time::Duration;

use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

mod export;
pub mod http;
mod logs;
pub mod metrics;
pub mod propagation;
pub mod trace_id;

pub use logs::Format;
pub use trace_id::{TraceId, trace_id};

/// Settings of telemetry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Filter of the log, in the words of `tracing_subscriber::EnvFilter`, for example `info,access=debug`.
    pub log: String,
    /// Form of the log.
    pub format: Format,
    /// Address of an OTLP collector (gRPC), for example `http://localhost:4317`; none exports nothing.
    pub otlp_endpoint: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self { log: "info".to_owned(), format: Format::Text, otlp_endpoint: None }
    }
}

/// What was set up; ends with [`Telemetry::shutdown`].
pub struct Telemetry {
    registry: prometheus::Registry,
    meters: SdkMeterProvider,
    tracers: Option<SdkTracerProvider>,
}

/// Why telemetry cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The log filter is malformed.
    #[error("the log filter {0:?} is malformed: {1}")]
    Filter(String, tracing_subscriber::filter::ParseError),
    /// The metrics reader or an exporter cannot be built.
    #[error("telemetry cannot be exported: {0}")]
    Export(#[from] Box<dyn std::error::Error + Send + Sync>),
}

/// Sets up the process's telemetry. Within a tokio runtime, once.
///
/// # Errors
/// When the log filter is malformed or the OTLP endpoint is no address.
pub fn init(config: &Config) -> Result<Telemetry, Error> {
    let registry = prometheus::Registry::new();
    let endpoint = config.otlp_endpoint.as_deref();
    let meters = export::meters(&registry, endpoint)?;
    let tracers = endpoint.map(export::tracers).transpose()?;
    let logs = logs::layer(&config.log, config.format)?;
    let traces = tracers.as_ref().map(export::layer);
    // A second set-up in one process (tests) keeps the first subscriber.
    let _ = tracing_subscriber::registry().with(traces).with(logs).try_init();
    opentelemetry::global::set_meter_provider(meters.clone());
    logs::panics_are_logged();
    Ok(Telemetry { registry, meters, tracers })
}

impl Telemetry {
    /// What the Prometheus endpoint shows.
    #[must_use]
    pub fn registry(&self) -> prometheus::Registry {
        self.registry.clone()
    }

    /// Sends what has not been sent yet, for so long at most.
    pub async fn shutdown(self, within: Duration) {
        let flush = tokio::task::spawn_blocking(move || {
            let traces = self.tracers.map_or(Ok(()), |tracers| tracers.shutdown_with_timeout(within));
            let metrics = self.meters.shutdown();
            traces.and(metrics)
        });
        match tokio::time::timeout(within, flush).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => tracing::warn!(%error, "telemetry was not sent to its end"),
            Ok(Err(_)) | Err(_) => tracing::warn!("telemetry was not sent in time"),
        }
    }
}
