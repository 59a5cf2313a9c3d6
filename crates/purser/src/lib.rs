//! Purser put together: the settings, the system, and the commands of the one binary.
//!
//! Start with [`run`]; [`system::build`] is where the contexts become one process.

use std::process::ExitCode;
use std::time::Duration;

pub mod check;
pub mod cli;
pub mod config;
pub mod database;
pub mod demo;
pub mod exit;
pub mod migrate;
pub mod ports;
pub mod replay;
pub mod serve;
pub mod show;
pub mod system;
pub mod up;

use cli::{Cli, Command};
use config::File;
use exit::Failure;
use platform::telemetry;

/// Carries out a command line.
pub async fn run(cli: Cli) -> ExitCode {
    match configured(cli).await {
        Ok(code) => code,
        Err(failure) => failure.tell(),
    }
}

async fn configured(cli: Cli) -> Result<ExitCode, Failure> {
    let file = File::read(cli.config.as_deref())?;
    // What tells its story on stdout logs only what goes wrong, unless more is asked for.
    let log = match cli.command {
        Command::Check { .. } | Command::Demo { .. } => "warn",
        _ => "info",
    };
    let telemetry = config::telemetry(cli.telemetry, &file, log);
    match cli.command {
        Command::Up { serving, data } => {
            let config = up::Config {
                serving: config::serving(serving, &file, true),
                data: config::data(data, &file)?,
            };
            told(&telemetry, async |telemetry| up::command(&config, telemetry).await).await
        }
        Command::Serve { serving, database, providers } => {
            let config = serve::Config {
                serving: config::serving(serving, &file, false),
                database: config::database(database, &file)?,
                services: config::services(providers, &file)?,
            };
            told(&telemetry, async |telemetry| serve::command(&config, telemetry).await).await
        }
        Command::Migrate { database } => {
            let database = config::database(database, &file)?;
            told(&telemetry, async |_| migrate::command(&database).await).await
        }
        Command::Replay(args) => Ok(replay::command(&args).await),
        Command::Check { json, database, data } => {
            let place =
                database::Place::of(config::named_database(database, &file), || config::data(data, &file))?;
            told(&telemetry, async |_| check::command(&place, json).await).await
        }
        Command::Demo { serving, data, sample } => {
            let config = up::Config {
                serving: config::serving(serving, &file, true),
                data: config::data(data, &file)?,
            };
            told(&telemetry, async |telemetry| up::demo::command(&config, sample, telemetry).await).await
        }
    }
}

/// Runs a command with telemetry around it.
async fn told(
    config: &telemetry::Config,
    command: impl AsyncFnOnce(&telemetry::Telemetry) -> Result<ExitCode, Failure>,
) -> Result<ExitCode, Failure> {
    let telemetry = telemetry::init(config).map_err(config::ConfigError::from)?;
    let code = command(&telemetry).await;
    telemetry.shutdown(Duration::from_secs(3)).await;
    code
}
