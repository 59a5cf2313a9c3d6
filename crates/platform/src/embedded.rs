//! A private Postgres server as a child process: what `purser up` stores its data in and what tests run against.
//!
//! It finds the server's binaries, creates the data directory, starts the server on a unix socket only its own
//! account can reach (no TCP port, so no password), and stops it. Start reading at [`EmbeddedPostgres::start`].
//!
//! A data directory has one owner at a time: a lock file is held for the owner's life. A server left behind by an
//! owner that was killed is found, stopped and started again.
//!
//! Postgres refuses to run as root. Started by root it runs as the owner of the data, or as user `postgres`; see
//! `home.rs` for what happens when that user cannot reach the directory.
//!
//! It must not know what is stored in the database: no schema, no migration, no configuration of a service.

mod account;
mod binaries;
mod cluster;
mod error;
mod home;
mod leftover;
mod server;
mod settings;

use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use account::Account;
use binaries::Binaries;
use home::Home;
use server::Server;

pub use binaries::OLDEST_MAJOR;
pub use error::EmbeddedError;
pub use settings::{Durability, Settings};

/// A running private Postgres server. Dropping it ends the server at once; prefer [`EmbeddedPostgres::stop`].
#[derive(Debug)]
pub struct EmbeddedPostgres {
    // Declared before the lock: the server is gone before another owner may come.
    server: Server,
    home: Home,
}

impl EmbeddedPostgres {
    /// Starts a server on `settings.data_dir`, creating the directory and the database cluster when missing, and
    /// returns once it accepts connections.
    ///
    /// # Errors
    /// Every [`EmbeddedError`] is one line that names the way out; [`EmbeddedError::InUse`] means that another
    /// live process owns the directory.
    pub async fn start(settings: Settings) -> Result<Self, EmbeddedError> {
        let mut home = Home::claim(&settings.data_dir)?;
        let account = Account::for_data(&home).await?;
        home.make_reachable(&account).await?;
        let binaries = Binaries::find(settings.postgres_bin.as_deref(), cluster::major(&home)?)?;
        leftover::stop(&home, &binaries, &account, settings.stop_timeout).await?;
        cluster::create_if_missing(&home, &binaries, &account, settings.durability).await?;
        let socket_dir = home.make_socket_dir(&account)?;
        let server = Server::spawn(&home, &socket_dir, &binaries, &account, &settings).await?;
        tracing::info!(pid = server.pid(), directory = %home.postgres_dir().display(), "embedded Postgres is ready");
        Ok(Self { server, home })
    }

    /// Stops a server that a killed owner left on `data_dir`, without starting it again, and returns where its files
    /// are, for an owner that wants to delete them.
    ///
    /// # Errors
    /// As [`EmbeddedPostgres::start`]; [`EmbeddedError::InUse`] while the owner is alive.
    pub async fn end_leftover(data_dir: &Path) -> Result<PathBuf, EmbeddedError> {
        let home = Home::claim(data_dir)?;
        let existing = cluster::major(&home)?;
        if existing.is_some() {
            let account = Account::for_data(&home).await?;
            let binaries = Binaries::find(None, existing)?;
            leftover::stop(&home, &binaries, &account, Duration::from_secs(10)).await?;
        }
        Ok(home.postgres_dir())
    }

    /// Connection URL of `database` for tokio-postgres and libpq, as superuser `postgres` over the unix socket.
    pub fn url(&self, database: &str) -> String {
        format!(
            "postgresql://postgres@{}:5432/{}",
            escaped(&self.home.socket_dir()),
            escaped(Path::new(database))
        )
    }

    /// Creates an empty database of this name unless it exists.
    ///
    /// # Errors
    /// [`EmbeddedError::Database`] when the server refuses.
    pub async fn create_database_if_missing(&self, name: &str) -> Result<(), EmbeddedError> {
        let refused = |source| EmbeddedError::Database { name: name.to_owned(), source };
        let (client, connection) =
            tokio_postgres::connect(&self.url("postgres"), tokio_postgres::NoTls).await.map_err(refused)?;
        let connection = tokio::spawn(connection);
        let quoted = name.replace('"', "\"\"");
        let created = client.batch_execute(&format!("CREATE DATABASE \"{quoted}\"")).await;
        drop(client);
        connection.abort();
        match created {
            Err(error) if error.code() == Some(&tokio_postgres::error::SqlState::DUPLICATE_DATABASE) => {
                Ok(())
            }
            other => other.map_err(refused),
        }
    }

    /// Where the server's files really are: inside the data directory, except when root's account for Postgres
    /// cannot reach it.
    pub fn postgres_dir(&self) -> PathBuf {
        self.home.postgres_dir()
    }

    /// Process id of the server.
    pub fn pid(&self) -> u32 {
        self.server.pid()
    }

    /// Waits until the server ends without having been asked to, for an owner that must not outlive it.
    pub async fn died(&self) -> ExitStatus {
        self.server.exited().await
    }

    /// Stops the server: open transactions are rolled back, everything committed is on disk when this returns.
    /// Ends in bounded time (`Settings::stop_timeout`, then a few seconds).
    ///
    /// # Errors
    /// [`EmbeddedError::Io`] when the process cannot be signalled or waited for.
    pub async fn stop(self) -> Result<(), EmbeddedError> {
        self.server.stop().await
    }
}

/// Percent-encodes everything but unreserved characters: a directory stands in a URL as its host.
fn escaped(path: &Path) -> String {
    use std::fmt::Write as _;
    use std::os::unix::ffi::OsStrExt as _;
    let mut text = String::new();
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                text.push(char::from(*byte))
            }
            other => {
                // Writing to a String cannot fail.
                let _ = write!(text, "%{other:02X}");
            }
        }
    }
    text
}
