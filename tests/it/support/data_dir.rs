//! A data directory of `purser up`.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use platform::embedded::EmbeddedPostgres;
use tempfile::TempDir;
use testkit::eventually;
use tokio_postgres::{Client, NoTls};

use super::process::{PATIENCE, Serving, purser};

/// Deleted with this value; a Postgres that a killed `up` left in it is ended first. To be declared before whatever runs
/// in it.
pub struct DataDir(TempDir);

impl DataDir {
    pub fn new() -> Self {
        // Others may pass, because root's Postgres runs as another user.
        let passable = std::fs::Permissions::from_mode(0o711);
        Self(tempfile::Builder::new().prefix("purser-e2e-").permissions(passable).tempdir().unwrap())
    }

    pub fn path(&self) -> &str {
        self.0.path().to_str().unwrap()
    }

    /// The command line of `up` on this directory and port.
    pub fn up(&self, port: u16) -> tokio::process::Command {
        let listen = format!("127.0.0.1:{port}");
        let arguments =
            ["up", "--data-dir", self.path(), "--listen", &listen, "--metrics-listen", "127.0.0.1:0"];
        purser(arguments)
    }

    /// `up` on this directory and port, once it is ready.
    pub async fn start(&self, port: u16) -> Serving {
        Serving::start(self.up(port)).await.ready().await
    }

    /// The database of the `up` that runs.
    pub async fn client(&self) -> Client {
        let note = self.0.path().join("database-url");
        eventually(PATIENCE, async || {
            let url = std::fs::read_to_string(&note).ok()?;
            let (client, connection) = tokio_postgres::connect(url.trim(), NoTls).await.ok()?;
            tokio::spawn(connection);
            Some(client)
        })
        .await
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        let dir = self.0.path().to_owned();
        // A thread of its own: the test's runtime may be gone.
        let ended = std::thread::spawn(move || end_leftover(&dir)).join();
        if !matches!(ended, Ok(Ok(()))) {
            eprintln!("a Postgres may be left in {}: {ended:?}", self.path());
        }
    }
}

fn end_leftover(dir: &Path) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| error.to_string())?.block_on(async {
        let end = EmbeddedPostgres::end_leftover(dir);
        match tokio::time::timeout(Duration::from_secs(30), end).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(late) => Err(late.to_string()),
        }
    })
}
