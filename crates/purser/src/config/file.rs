//! The settings file.

use std::path::Path;

use serde::Deserialize;

use super::ConfigError;
use crate::cli::options::{DataDir, DatabaseOptions, Providers, Serving, TelemetryOptions};

/// A settings file: a table for each group of flags, each key named as its flag.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct File {
    /// `[telemetry]`
    pub telemetry: TelemetryOptions,
    /// `[server]`
    pub server: Serving,
    /// `[database]`
    pub database: DatabaseOptions,
    /// `[data]`
    pub data: DataDir,
    /// `[providers]`
    pub providers: Providers,
}

impl File {
    /// Reads a file; none is an empty one.
    ///
    /// # Errors
    /// When it cannot be read, or says something that is no setting.
    pub fn read(path: Option<&Path>) -> Result<Self, ConfigError> {
        let Some(path) = path else { return Ok(Self::default()) };
        let name = path.display();
        let text =
            std::fs::read_to_string(path).map_err(|error| ConfigError::new(format!("{name}: {error}")))?;
        toml::from_str(&text).map_err(|error| {
            let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            let message = error.message().replace('\n', " ");
            ConfigError::new(format!("{name}, line {line}: {message}"))
        })
    }
}
