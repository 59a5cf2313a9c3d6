//! The server's process: started, waited for, stopped.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::account::Account;
use super::binaries::Binaries;
use super::cluster::complaint;
use super::error::EmbeddedError;
use super::home::Home;
use super::settings::{Durability, Settings};

/// How often a process is asked whether it is ready or gone.
const POLL: Duration = Duration::from_millis(10);
/// How long the server's children may take to notice an immediate stop.
const IMMEDIATE_STOP: Duration = Duration::from_secs(5);
/// The log of earlier runs is kept up to this size, in bytes.
const LOG_MAX: u64 = 16 << 20;

/// How a server is asked to end.
#[derive(Debug, Clone, Copy)]
pub(super) enum Signal {
    /// Roll back what is open, write a checkpoint, end.
    Fast,
    /// End now; the next start recovers from the log.
    Immediate,
}

/// Signals `pid` through `pg_ctl`, as the user the server runs as; std has no signals but SIGKILL.
pub(super) fn send(signal: Signal, pid: u32, binaries: &Binaries, account: &Account) -> std::io::Result<()> {
    let name = match signal {
        Signal::Fast => "INT",
        Signal::Immediate => "QUIT",
    };
    let mut command = account.command(binaries.program("pg_ctl"));
    let output = command.args(["kill", name, &pid.to_string()]).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(std::io::Error::other(complaint(&String::from_utf8_lossy(&output.stderr))))
}

/// A running server.
#[derive(Debug)]
pub(super) struct Server {
    child: Mutex<Child>,
    pid: u32,
    binaries: Binaries,
    account: Account,
    durability: Durability,
    stop_timeout: Duration,
}

impl Server {
    /// Starts the server on the cluster in `home` and waits until it accepts connections.
    pub(super) async fn spawn(
        home: &Home,
        socket_dir: &Path,
        binaries: &Binaries,
        account: &Account,
        settings: &Settings,
    ) -> Result<Self, EmbeddedError> {
        let data = home.postgres_dir();
        let (log, log_start) = open_log(&home.log_file())?;
        let compression = wal_compression(&data, binaries, account).await;
        let mut command = account.command(binaries.program("postgres"));
        command.arg("-D").arg(&data).arg("-k").arg(socket_dir).args(["-p", "5432"]);
        for (name, value) in settings.server_parameters(compression) {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        let errors = log.try_clone().map_err(EmbeddedError::io("open the server's log"))?;
        let child = command
            .stdout(log)
            .stderr(errors)
            .spawn()
            .map_err(EmbeddedError::io("start the Postgres server"))?;
        let server = Self {
            pid: child.id(),
            child: Mutex::new(child),
            binaries: binaries.clone(),
            account: *account,
            durability: settings.durability,
            stop_timeout: settings.stop_timeout,
        };
        server.wait_until_ready(&data, settings.start_timeout, &home.log_file(), log_start).await?;
        Ok(server)
    }

    async fn wait_until_ready(
        &self,
        data: &Path,
        bound: Duration,
        log: &Path,
        log_start: usize,
    ) -> Result<(), EmbeddedError> {
        let end = Instant::now() + bound;
        let mut patience_shown = Instant::now() + Duration::from_secs(5);
        loop {
            if let Some(status) = self.status()? {
                let written = fs::read(log).unwrap_or_default();
                let text = String::from_utf8_lossy(written.get(log_start..).unwrap_or_default()).into_owned();
                let (status, log) = (status.to_string(), log.to_owned());
                return Err(EmbeddedError::Ended { status, reason: complaint(&text), log });
            }
            if says_ready(data, self.pid) {
                return Ok(());
            }
            if Instant::now() >= end {
                return Err(EmbeddedError::NotReady { seconds: bound.as_secs(), log: log.to_owned() });
            }
            if Instant::now() >= patience_shown {
                tracing::info!(log = %log.display(), "Postgres is still starting; it may be recovering");
                patience_shown += Duration::from_secs(30);
            }
            tokio::time::sleep(POLL).await;
        }
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    /// Waits for the process to end.
    pub(super) async fn exited(&self) -> ExitStatus {
        loop {
            match self.status() {
                Ok(Some(status)) => return status,
                // Asking cannot fail for a child of ours; if it does, there is nothing left to watch.
                Err(_) => return ExitStatus::default(),
                Ok(None) => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        }
    }

    /// Ends the server: orderly for real data, at once for disposable data.
    pub(super) async fn stop(self) -> Result<(), EmbeddedError> {
        if self.durability == Durability::Durable {
            self.signal(Signal::Fast)?;
            if self.ended_within(self.stop_timeout).await? {
                return Ok(());
            }
            tracing::warn!(pid = self.pid, "Postgres did not stop in time: ending it at once");
        }
        self.signal(Signal::Immediate)?;
        if !self.ended_within(IMMEDIATE_STOP).await? {
            self.kill();
        }
        Ok(())
    }

    fn signal(&self, signal: Signal) -> Result<(), EmbeddedError> {
        if self.status()?.is_some() {
            return Ok(());
        }
        let what = format!("stop Postgres (process {})", self.pid);
        send(signal, self.pid, &self.binaries, &self.account).map_err(EmbeddedError::io(what))
    }

    async fn ended_within(&self, bound: Duration) -> Result<bool, EmbeddedError> {
        let end = Instant::now() + bound;
        while self.status()?.is_none() {
            if Instant::now() >= end {
                return Ok(false);
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(true)
    }

    fn status(&self) -> Result<Option<ExitStatus>, EmbeddedError> {
        let what = format!("wait for Postgres (process {})", self.pid);
        self.child().try_wait().map_err(EmbeddedError::io(what))
    }

    fn kill(&self) {
        // Both fail only when it is gone already.
        let _ = self.child().kill();
        let _ = self.child().wait();
    }

    fn child(&self) -> MutexGuard<'_, Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !matches!(self.status(), Ok(None)) || self.signal(Signal::Immediate).is_err() {
            return self.kill();
        }
        let end = std::time::Instant::now() + IMMEDIATE_STOP;
        while matches!(self.status(), Ok(None)) && std::time::Instant::now() < end {
            std::thread::sleep(POLL);
        }
        self.kill();
    }
}

/// The server writes its state into the eighth line of its pid file.
fn says_ready(data: &Path, pid: u32) -> bool {
    let Ok(text) = fs::read_to_string(data.join("postmaster.pid")) else { return false };
    let mut lines = text.lines().map(str::trim);
    lines.next() == Some(pid.to_string().as_str()) && lines.nth(6) == Some("ready")
}

/// The log, open for appending, and where this run's part starts.
fn open_log(path: &PathBuf) -> Result<(File, usize), EmbeddedError> {
    let failed = || EmbeddedError::io(format!("open {}", path.display()));
    let size = fs::metadata(path).map_or(0, |found| found.len());
    if size > LOG_MAX {
        fs::remove_file(path).map_err(failed())?;
    }
    let file = File::options().append(true).create(true).open(path).map_err(failed())?;
    let start = file.metadata().map_err(failed())?.len();
    Ok((file, usize::try_from(start).unwrap_or(usize::MAX)))
}

/// lz4 where the server was built with it: full-page images are most of the log's volume.
async fn wal_compression(data: &Path, binaries: &Binaries, account: &Account) -> &'static str {
    let mut command = account.command(binaries.program("postgres"));
    command.arg("-D").arg(data).args(["-c", "wal_compression=lz4", "-C", "wal_compression"]);
    match tokio::process::Command::from(command).output().await {
        Ok(output) if output.status.success() => "lz4",
        _ => "on",
    }
}
