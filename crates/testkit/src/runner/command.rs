//! The command that a private Postgres is started for.

use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::time::Duration;

use tokio::process::{Child, Command};

use super::{RunError, StopRequest};
use crate::environment;

/// How long a command may take to end after it was asked to.
const PATIENCE: Duration = Duration::from_secs(20);

/// What to run.
#[derive(Debug)]
pub enum Task {
    /// The tests of the workspace, with these arguments for the test runner.
    Tests(Vec<String>),
    /// A program and its arguments.
    Command(Vec<String>),
}

/// Runs it to its end, or to the end of patience after a stop request, and returns its exit code.
pub(super) async fn run(
    task: Task,
    url: &str,
    template: &str,
    stop: &mut StopRequest,
) -> Result<i32, RunError> {
    let command = match task {
        Task::Tests(args) => test_runner().await.into_iter().chain(args).collect(),
        Task::Command(command) => command,
    };
    let Some((program, args)) = command.split_first() else { return Ok(0) };
    let mut child = Command::new(program)
        .args(args)
        .env(environment::POSTGRES, url)
        .env(environment::TEMPLATE, template)
        .kill_on_drop(true)
        .spawn()
        .map_err(RunError::io(format!("start {program}")))?;
    let waited = || RunError::io(format!("wait for {program}"));
    tokio::select! {
        status = child.wait() => Ok(exit_code(status.map_err(waited())?)),
        code = stop.requested() => {
            end(&mut child).await.map_err(waited())?;
            Ok(code)
        }
    }
}

/// A terminal's Ctrl-C has reached the command already; a signal to this process alone has not.
async fn end(child: &mut Child) -> std::io::Result<()> {
    if let Some(pid) = child.id() {
        // The shell's own `kill`: std sends no signal but SIGKILL.
        let asked =
            Command::new("/bin/sh").args(["-c", r#"kill -TERM "$0""#, &pid.to_string()]).status().await;
        if asked.is_ok() && tokio::time::timeout(PATIENCE, child.wait()).await.is_ok() {
            return Ok(());
        }
    }
    child.kill().await
}

/// cargo-nextest runs tests in parallel and bounds them in time; without it cargo's own runner does.
async fn test_runner() -> Vec<String> {
    let nextest = Command::new("cargo").args(["nextest", "--version"]).output().await;
    let has_nextest = nextest.is_ok_and(|output| output.status.success());
    if !has_nextest {
        eprintln!(
            "testkit: cargo-nextest is not installed, using cargo test: a test that hangs is not ended"
        );
    }
    let words: &[&str] = if has_nextest {
        &["cargo", "nextest", "run", "--workspace"]
    } else {
        &["cargo", "test", "--workspace"]
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn exit_code(status: ExitStatus) -> i32 {
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1)
}
