//! The program `testkit`: a private Postgres for the length of one command.

use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use platform::embedded::{EmbeddedError, EmbeddedPostgres, Settings};

use crate::{environment, template};

mod command;
mod scratch;
mod stop_request;

pub use command::Task;
use scratch::Scratch;
pub use stop_request::StopRequest;

/// Why the tests could not be run at all.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// No server.
    #[error(transparent)]
    Server(#[from] EmbeddedError),
    /// The template could not be built.
    #[error("could not build the template database: {}", .0.as_db_error().map_or_else(|| format!("{:?}", .0), ToString::to_string))]
    Template(#[from] tokio_postgres::Error),
    /// The schema could not be brought up to date.
    #[error("could not migrate the template database: {0}")]
    Migrate(String),
    /// The operating system refused.
    #[error("could not {what}: {source}")]
    Io {
        /// What was attempted.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
}

impl RunError {
    fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

/// Runs `task` with a private Postgres and a migrated template, and returns its exit code. The server is stopped and its files are deleted whatever happens short of SIGKILL; what a killed
/// run left is deleted by the next.
///
/// # Errors
/// [`RunError`] when the command could not be started.
pub async fn run(task: Task, stop: &mut StopRequest) -> Result<i32, RunError> {
    let scratch = Scratch::create().await?;
    let server = tokio::select! {
        server = prepare(scratch.dir()) => server?,
        code = stop.requested() => return Ok(code),
    };
    let code = command::run(task, &server.url("postgres"), template::NAME, stop).await;
    if environment::keep() && !matches!(code, Ok(0)) {
        eprintln!(
            "testkit: keeping the databases of failed tests; psql '{}'; Ctrl-C ends",
            server.url("postgres")
        );
        stop.requested().await;
    }
    scratch.discard(server).await?;
    code
}

/// Keeps a private Postgres with a migrated template in `dir` (created when missing, kept afterwards) until it is
/// asked to stop: for running single tests from an editor.
///
/// # Errors
/// [`RunError`] when the server cannot be started or ends by itself.
pub async fn serve(dir: &Path, stop: &mut StopRequest) -> Result<i32, RunError> {
    let server = tokio::select! {
        server = prepare(dir) => server?,
        code = stop.requested() => return Ok(code),
    };
    eprintln!("testkit: ready, Ctrl-C ends; for single tests:");
    eprintln!("export {}='{}'", environment::POSTGRES, server.url("postgres"));
    eprintln!("export {}={}", environment::TEMPLATE, template::NAME);
    tokio::select! {
        _ = stop.requested() => {}
        status = server.died() => return Err(ended(status)),
    }
    server.stop().await?;
    Ok(0)
}

async fn prepare(dir: &Path) -> Result<EmbeddedPostgres, RunError> {
    let server = EmbeddedPostgres::start(Settings::disposable(dir)).await?;
    template::build(&server).await?;
    Ok(server)
}

fn ended(status: ExitStatus) -> RunError {
    RunError::io("keep Postgres running")(std::io::Error::other(status.to_string()))
}

/// Where `testkit serve` keeps its server unless told otherwise.
pub fn default_dir() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into())).join("testkit")
}
