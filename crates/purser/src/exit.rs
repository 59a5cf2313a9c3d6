//! How the process ends: one line on stderr, and a code that scripts can tell apart.

use std::process::ExitCode;

use crate::config::ConfigError;

/// A setting or an argument is wrong (`EX_USAGE` of sysexits).
pub const WRONG: u8 = 64;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The person who started it can set it right.
    #[error(transparent)]
    Wrong(#[from] ConfigError),
    /// Something did not work.
    #[error("{0:#}")]
    Failed(#[from] anyhow::Error),
}

impl Failure {
    /// Says it, and gives the exit code.
    #[must_use]
    pub fn tell(&self) -> ExitCode {
        match self {
            Self::Wrong(error) => wrong(&error.to_string()),
            Self::Failed(error) => failed(&format!("{error:#}")),
        }
    }
}

/// Says what is wrong with a setting.
#[must_use]
pub fn wrong(line: &str) -> ExitCode {
    eprintln!("purser: {line}");
    ExitCode::from(WRONG)
}

/// Says what did not work.
#[must_use]
pub fn failed(line: &str) -> ExitCode {
    eprintln!("purser: {line}");
    ExitCode::FAILURE
}
