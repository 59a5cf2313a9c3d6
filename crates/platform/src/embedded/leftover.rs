//! Ending a server that an earlier owner of the data directory left behind when it was killed.
//!
//! Called with the owner's lock held, so whatever still works on the data has no owner.

use std::fs;
use std::path::Path;
use std::time::Duration;

use tokio::time::Instant;

use super::account::Account;
use super::binaries::Binaries;
use super::error::EmbeddedError;
use super::home::{self, Home};
use super::server::{Signal, send};

/// Stops such a server and waits until all of its processes are gone.
pub(super) async fn stop(
    home: &Home,
    binaries: &Binaries,
    account: &Account,
    bound: Duration,
) -> Result<(), EmbeddedError> {
    let data = home.postgres_dir();
    let pid_file = data.join("postmaster.pid");
    let Ok(text) = fs::read_to_string(&pid_file) else { return Ok(()) };
    let pid: Option<u32> = text.lines().next().and_then(|line| line.trim().parse().ok());
    if let Some(sockets) = text.lines().nth(4) {
        home::remove_temporary_sockets(Path::new(sockets.trim()));
    }
    if processes_of(&data, pid).is_empty() {
        return forget(&pid_file);
    }
    tracing::warn!(pid, directory = %data.display(), "stopping the Postgres that a killed owner left behind");
    for (signal, patience) in [(Signal::Fast, bound), (Signal::Immediate, Duration::from_secs(10))] {
        if let Some(pid) = pid {
            // It may have ended since; what counts is whether it is gone.
            let _ = send(signal, pid, binaries, account);
        }
        if gone_within(patience, &data, pid).await {
            return forget(&pid_file);
        }
    }
    let left = processes_of(&data, pid).first().copied().unwrap_or_default();
    Err(EmbeddedError::LeftOver { data, pid: left })
}

/// The number in a pid file may meanwhile belong to a stranger, which would make Postgres refuse to start.
fn forget(pid_file: &Path) -> Result<(), EmbeddedError> {
    match fs::remove_file(pid_file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(EmbeddedError::io(format!("remove {}", pid_file.display()))(error))
        }
        _ => Ok(()),
    }
}

async fn gone_within(patience: Duration, data: &Path, pid: Option<u32>) -> bool {
    let end = Instant::now() + patience;
    loop {
        if processes_of(data, pid).is_empty() {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Live Postgres processes that work on `data`: the server, and children that outlived it for a moment. They are
/// known by their working directory, which is the data directory. Without `/proc` only the server itself, `pid`,
/// can be asked for, by its name.
fn processes_of(data: &Path, pid: Option<u32>) -> Vec<u32> {
    if !Path::new("/proc/self/cwd").exists() {
        return pid.filter(|pid| is_named_postgres(*pid)).into_iter().collect();
    }
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str().and_then(|name| name.parse().ok()));
    pids.filter(|pid| works_on(data, *pid)).collect()
}

fn works_on(data: &Path, pid: u32) -> bool {
    let process = Path::new("/proc").join(pid.to_string());
    let is_postgres =
        fs::read_to_string(process.join("comm")).is_ok_and(|name| name.trim().starts_with("postgres"));
    is_postgres && fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == data)
}

fn is_named_postgres(pid: u32) -> bool {
    let listed = std::process::Command::new("ps").args(["-o", "comm=", "-p", &pid.to_string()]).output();
    listed.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("postgres"))
}
