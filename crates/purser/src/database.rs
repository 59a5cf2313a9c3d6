//! The database of a command that is not the service: named, or the one in the data directory, whether its owner is
//! running or not.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use platform::db::DatabaseConfig;
use platform::embedded::{EmbeddedError, EmbeddedPostgres};

use crate::config::{ConfigError, DataConfig};
use crate::exit::Failure;

/// The database's name in a private Postgres.
pub const NAME: &str = "purser";

/// Where a database is.
#[derive(Clone, Debug)]
pub enum Place {
    /// At a URL.
    Named(DatabaseConfig),
    /// In a data directory.
    Data(DataConfig),
}

/// A database to work on. Its Postgres, if it is ours, is stopped by [`Opened::close`].
pub struct Opened {
    /// Where it is.
    pub config: DatabaseConfig,
    postgres: Option<EmbeddedPostgres>,
}

impl Place {
    /// The named database, else that of the data directory.
    ///
    /// # Errors
    /// When neither is known.
    pub fn of(
        named: Option<DatabaseConfig>,
        data: impl FnOnce() -> Result<DataConfig, ConfigError>,
    ) -> Result<Self, ConfigError> {
        match named {
            Some(named) => Ok(Self::Named(named)),
            None => data().map(Self::Data),
        }
    }

    /// Opens it. The Postgres of a data directory is used while its owner runs, and started for the time otherwise.
    ///
    /// # Errors
    /// When there is no such database.
    pub async fn open(&self) -> Result<Opened, Failure> {
        let data = match self {
            Self::Named(config) => return Ok(Opened { config: config.clone(), postgres: None }),
            Self::Data(data) => data,
        };
        if !data.dir.join("postgres").exists() && !url_file(&data.dir).exists() {
            let line = format!("no data in {}: give --data-dir or --database-url", data.dir.display());
            return Err(Failure::Failed(anyhow::anyhow!(line)));
        }
        match EmbeddedPostgres::start(data.postgres()).await {
            Ok(postgres) => {
                let config = DatabaseConfig::new(postgres.url(NAME));
                Ok(Opened { config, postgres: Some(postgres) })
            }
            Err(EmbeddedError::InUse { .. }) => {
                let url = fs::read_to_string(url_file(&data.dir))
                    .context("the process that owns this data directory is still starting")?;
                Ok(Opened { config: DatabaseConfig::new(url.trim()), postgres: None })
            }
            Err(error) => Err(Failure::Failed(error.into())),
        }
    }
}

impl Opened {
    /// Stops what was started for the time.
    ///
    /// # Errors
    /// When Postgres cannot be stopped.
    pub async fn close(self) -> Result<(), Failure> {
        match self.postgres {
            Some(postgres) => postgres.stop().await.map_err(|error| Failure::Failed(error.into())),
            None => Ok(()),
        }
    }
}

/// Where the owner of a data directory notes its database, for commands beside it.
#[must_use]
pub fn url_file(dir: &Path) -> PathBuf {
    dir.join("database-url")
}
