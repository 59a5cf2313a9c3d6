//! Settings in groups, each at once a set of flags, of environment variables and a table of the settings file. What is
//! not said is `None`, so that the layers can be laid over each other.
#![allow(clippy::doc_markdown, reason = "these comments are help texts, which are read in a terminal")]

use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;

use super::values::{Address, HttpUrl, LogFormat, PostgresUrl, Service, Span};

/// How the process tells about itself.
#[derive(Clone, Debug, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[command(next_help_heading = "Telemetry")]
pub struct TelemetryOptions {
    /// What is logged, for example `info`, `debug`, `info,access=debug` [default: info; warn for `check` and `demo`]
    #[arg(long, global = true, value_name = "FILTER", env = "PURSER_LOG")]
    pub log: Option<String>,
    /// Form of the log on stderr [default: text]
    #[arg(long, global = true, value_enum, value_name = "FORMAT", env = "PURSER_LOG_FORMAT")]
    pub log_format: Option<LogFormat>,
    /// OTLP collector (gRPC) for traces and metrics, for example http://localhost:4317
    #[arg(long, global = true, value_name = "URL", env = "OTEL_EXPORTER_OTLP_ENDPOINT")]
    pub otlp_endpoint: Option<HttpUrl>,
}

/// How a process serves.
#[derive(Clone, Debug, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[command(next_help_heading = "Serving")]
pub struct Serving {
    /// Where gRPC is served; port 0 takes a free one [default: 127.0.0.1:50051, or a free port when that is taken]
    #[arg(long, value_name = "HOST:PORT", env = "PURSER_LISTEN")]
    pub listen: Option<Address>,
    /// Where /metrics, /livez and /readyz are served [default: 127.0.0.1:9464, or a free port when that is taken]
    #[arg(long, value_name = "HOST:PORT", env = "PURSER_METRICS_LISTEN")]
    pub metrics_listen: Option<Address>,
    /// Let callers state prices, taxes, shipping and discounts [default: true for `up`, false for `serve`]
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        env = "PURSER_TRUST_CALLERS"
    )]
    pub trust_callers: Option<bool>,
    /// Deadline of a call that states none, and the longest that counts [default: 30s]
    #[arg(long, value_name = "TIME", env = "PURSER_DEADLINE_MAX")]
    pub deadline_max: Option<Span>,
    /// Calls in flight at once; beyond that they are refused [default: 4096]
    #[arg(long, value_name = "N", env = "PURSER_CALLS_MAX", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub calls_max: Option<u32>,
    /// At SIGTERM: how long to answer as not serving before the port closes [default: 0s]
    #[arg(long, value_name = "TIME", env = "PURSER_DRAIN_DELAY")]
    pub drain_delay: Option<Span>,
    /// At SIGTERM: how long calls in flight may take to end [default: 10s]
    #[arg(long, value_name = "TIME", env = "PURSER_DRAIN_GRACE")]
    pub drain_grace: Option<Span>,
    /// Whether the services can be listed and described by tools such as grpcurl [default: true]
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        env = "PURSER_REFLECTION"
    )]
    pub reflection: Option<bool>,
}

/// The database that services work on.
#[derive(Clone, Debug, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[command(next_help_heading = "Database")]
pub struct DatabaseOptions {
    /// The Postgres database, for example postgres://purser@localhost/purser
    #[arg(
        id = "database-url",
        long = "database-url",
        value_name = "URL",
        env = "DATABASE_URL",
        hide_env_values = true
    )]
    pub url: Option<PostgresUrl>,
    /// Connections for writing [default: 24]
    #[arg(long, value_name = "N", env = "PURSER_WRITE_CONNECTIONS", value_parser = clap::value_parser!(u16).range(2..))]
    pub write_connections: Option<u16>,
    /// Connections for reading [default: 16]
    #[arg(long, value_name = "N", env = "PURSER_READ_CONNECTIONS", value_parser = clap::value_parser!(u16).range(1..))]
    pub read_connections: Option<u16>,
}

/// Where a process with a Postgres of its own keeps its data.
#[derive(Clone, Debug, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[command(next_help_heading = "Data")]
pub struct DataDir {
    /// Directory of all data [default: $XDG_DATA_HOME/purser or ~/.local/share/purser; as root /var/lib/purser]
    #[arg(long, value_name = "DIR", env = "PURSER_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// Directory of Postgres' programs, when they are not found by themselves
    #[arg(long, value_name = "DIR", env = "PURSER_POSTGRES_BIN")]
    pub postgres_bin: Option<PathBuf>,
}

/// Which services run here, and where the others are.
#[derive(Clone, Debug, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[command(next_help_heading = "Services")]
pub struct Providers {
    /// Services of this process [default: all of them]
    #[arg(long, value_enum, value_name = "LIST", value_delimiter = ',', env = "PURSER_SERVICES")]
    pub services: Option<Vec<Service>>,
    /// The payment provider; needed where the payment service runs
    #[arg(long, value_name = "URL", env = "PURSER_PROVIDER_URL")]
    pub provider_url: Option<HttpUrl>,
    /// The payment service, when it runs elsewhere; needed where orders run without it
    #[arg(long, value_name = "URL", env = "PURSER_PAYMENT_URL")]
    pub payment_url: Option<HttpUrl>,
}
