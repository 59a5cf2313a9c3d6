//! The settings of a process: flags and environment over the file, the file over the defaults.

use std::collections::BTreeSet;
use std::path::PathBuf;

use platform::db::DatabaseConfig;
use platform::embedded;
use platform::grpc::server;
use platform::listen::Listen;
use platform::telemetry;

use crate::cli::options::{DataDir, DatabaseOptions, Providers, Serving, TelemetryOptions};
use crate::cli::values::{LogFormat, Service};

mod environment;
mod file;
mod layers;

pub use file::File;
use layers::Over;

/// Where gRPC is served when nobody says otherwise.
pub const LISTEN: &str = "127.0.0.1:50051";

/// Where metrics are served when nobody says otherwise.
pub const METRICS_LISTEN: &str = "127.0.0.1:9464";

/// A setting that is wrong or missing; one line for the person who can set it right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl From<telemetry::Error> for ConfigError {
    fn from(error: telemetry::Error) -> Self {
        Self::new(error.to_string())
    }
}

impl ConfigError {
    fn new(line: impl Into<String>) -> Self {
        Self(line.into())
    }
}

/// How a process serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServeConfig {
    /// Where gRPC is served.
    pub listen: Listen,
    /// Where metrics are served.
    pub metrics_listen: Listen,
    /// Whether callers may state prices and amounts.
    pub trust_callers: bool,
    /// The server's own settings.
    pub server: server::Config,
}

/// Which services run here, and where the others are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServicesConfig {
    /// The services of this process.
    pub services: BTreeSet<Service>,
    /// The payment provider; present where the payment service runs.
    pub provider_url: Option<String>,
    /// The payment service, if orders are to reach it over the network.
    pub payment_url: Option<String>,
}

/// A private Postgres and the directory of all data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataConfig {
    /// Directory of all data.
    pub dir: PathBuf,
    /// Directory of Postgres' programs, if it was given.
    pub postgres_bin: Option<PathBuf>,
}

/// Telemetry. `log` is the default of the command.
#[must_use]
pub fn telemetry(flags: TelemetryOptions, file: &File, log: &str) -> telemetry::Config {
    let said = flags.over(file.telemetry.clone());
    let format = match said.log_format {
        Some(LogFormat::Json) => telemetry::Format::Json,
        Some(LogFormat::Text) | None => telemetry::Format::Text,
    };
    let log = said.log.unwrap_or_else(|| log.to_owned());
    telemetry::Config { log, format, otlp_endpoint: said.otlp_endpoint.map(|url| url.0) }
}

/// How to serve. `trust_callers` is the default of the command.
#[must_use]
pub fn serving(flags: Serving, file: &File, trust_callers: bool) -> ServeConfig {
    let said = flags.over(file.server.clone());
    let defaults = server::Config::default();
    let asked = |address: Option<crate::cli::values::Address>, default: &str| match address {
        Some(address) => Listen::Asked(address.0),
        None => Listen::Default(default.to_owned()),
    };
    ServeConfig {
        listen: asked(said.listen, LISTEN),
        metrics_listen: asked(said.metrics_listen, METRICS_LISTEN),
        trust_callers: said.trust_callers.unwrap_or(trust_callers),
        server: server::Config {
            deadline_max: said.deadline_max.map_or(defaults.deadline_max, |span| span.0),
            calls_max: said.calls_max.unwrap_or(defaults.calls_max),
            drain_delay: said.drain_delay.map_or(defaults.drain_delay, |span| span.0),
            drain_grace: said.drain_grace.map_or(defaults.drain_grace, |span| span.0),
            reflection: said.reflection.unwrap_or(defaults.reflection),
            ..defaults
        },
    }
}

/// The database, if one is named.
#[must_use]
pub fn named_database(flags: DatabaseOptions, file: &File) -> Option<DatabaseConfig> {
    let said = flags.over(file.database.clone());
    let defaults = DatabaseConfig::new(said.url?.0);
    Some(DatabaseConfig {
        write_connections: said.write_connections.map_or(defaults.write_connections, usize::from),
        read_connections: said.read_connections.map_or(defaults.read_connections, usize::from),
        ..defaults
    })
}

/// The database, which has to be named.
///
/// # Errors
/// When it is not.
pub fn database(flags: DatabaseOptions, file: &File) -> Result<DatabaseConfig, ConfigError> {
    named_database(flags, file).ok_or_else(|| {
        ConfigError::new("no database: set DATABASE_URL or give --database-url postgres://USER@HOST/DATABASE")
    })
}

/// The services of a process.
///
/// # Errors
/// When a service lacks the address that it depends on.
pub fn services(flags: Providers, file: &File) -> Result<ServicesConfig, ConfigError> {
    use Service::{Catalog, Inventory, Order, Payment};
    let said = flags.over(file.providers.clone());
    let services = said.services.unwrap_or_else(|| vec![Catalog, Inventory, Order, Payment]);
    let config = ServicesConfig {
        services: services.into_iter().collect(),
        provider_url: said.provider_url.map(|url| url.0),
        payment_url: said.payment_url.map(|url| url.0),
    };
    let (order, payment) = (config.services.contains(&Order), config.services.contains(&Payment));
    if config.services.is_empty() {
        return Err(ConfigError::new(
            "no service: --services needs one of catalog, inventory, order, payment",
        ));
    }
    if payment && config.provider_url.is_none() {
        return Err(ConfigError::new("the payment service needs --provider-url http://HOST:PORT"));
    }
    if order && !payment && config.payment_url.is_none() {
        return Err(ConfigError::new(
            "orders without the payment service need --payment-url http://HOST:PORT",
        ));
    }
    Ok(config)
}

/// The directory of all data.
///
/// # Errors
/// When nothing says where it is: no flag, and no home.
pub fn data(flags: DataDir, file: &File) -> Result<DataConfig, ConfigError> {
    let said = flags.over(file.data.clone());
    let dir = match said.data_dir {
        Some(dir) => dir,
        None => environment::data_dir()
            .ok_or_else(|| ConfigError::new("no home directory: say --data-dir where the data is to be"))?,
    };
    let dir = std::path::absolute(&dir).map_err(|error| ConfigError::new(format!("--data-dir: {error}")))?;
    Ok(DataConfig { dir, postgres_bin: said.postgres_bin })
}

impl DataConfig {
    /// The settings of the Postgres in this directory.
    #[must_use]
    pub fn postgres(&self) -> embedded::Settings {
        let settings = embedded::Settings::durable(self.dir.clone());
        embedded::Settings { postgres_bin: self.postgres_bin.clone(), ..settings }
    }
}

#[cfg(test)]
mod tests;
