//! What can go wrong with the private server; each message is one line and names the way out.

use std::io;
use std::path::PathBuf;

/// Why the private Postgres server could not be started or stopped.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// No usable server binaries on this machine.
    #[error(
        "no PostgreSQL server found ({searched}): install PostgreSQL 15 or newer, or set PURSER_POSTGRES_BIN to its bin directory"
    )]
    NoBinaries {
        /// Where it was looked for, and what was found there.
        searched: String,
    },
    /// The data directory was made by a major version that is not installed.
    #[error("{} was made by PostgreSQL {needed}, which is not among the installed servers ({found}): install PostgreSQL {needed}, or set PURSER_POSTGRES_BIN to its bin directory", data.display())]
    OtherMajor {
        /// The database cluster.
        data: PathBuf,
        /// Major version that made it.
        needed: u32,
        /// What is installed.
        found: String,
    },
    /// Another live process owns the directory.
    #[error("{} is in use by process {owner}, which is alive: stop it, or choose another data directory", dir.display())]
    InUse {
        /// The data directory.
        dir: PathBuf,
        /// Process id of the owner, as it wrote it down.
        owner: String,
    },
    /// Started by root, and there is no user to run Postgres as.
    #[error(
        "Postgres cannot run as root and there is no user \"postgres\": create it (useradd --system postgres), or start as another user"
    )]
    NoUser,
    /// The files belong to somebody else.
    #[error("{} belongs to user id {owner}, not to you: start as that user or as root, or choose another data directory", data.display())]
    OtherOwner {
        /// The database cluster.
        data: PathBuf,
        /// Numeric id of the user it belongs to.
        owner: u32,
    },
    /// The user that runs Postgres may not enter a parent of the directory, and nothing could be put elsewhere.
    #[error("user id {uid} may not enter {}, and {} cannot be used instead ({reason}): choose a data directory it can reach, such as /var/lib/purser", blocked.display(), instead.display())]
    Unreachable {
        /// User that runs Postgres.
        uid: u32,
        /// The outermost directory it may not enter.
        blocked: PathBuf,
        /// Where the files would have gone.
        instead: PathBuf,
        /// Why that failed.
        reason: io::Error,
    },
    /// Creating the database cluster failed.
    #[error("initdb failed: {0}")]
    Initdb(String),
    /// The server ended before it was ready.
    #[error("Postgres ended while starting ({status}): {reason}; see {}", log.display())]
    Ended {
        /// Its exit status.
        status: String,
        /// The last complaint in its log.
        reason: String,
        /// The log file.
        log: PathBuf,
    },
    /// The server did not become ready in time.
    #[error("Postgres was not ready after {seconds} s; see {}", log.display())]
    NotReady {
        /// How long it was waited for.
        seconds: u64,
        /// The log file.
        log: PathBuf,
    },
    /// A server of an earlier owner would not end.
    #[error("a Postgres left over on {} (process {pid}) did not stop: end it, then start again", data.display())]
    LeftOver {
        /// The database cluster.
        data: PathBuf,
        /// A process that still works on it.
        pid: u32,
    },
    /// A database could not be created.
    #[error("could not create database {name}: {}", postgres_message(source))]
    Database {
        /// Name of the database.
        name: String,
        /// What the server said.
        source: tokio_postgres::Error,
    },
    /// The operating system refused.
    #[error("could not {what}: {source}")]
    Io {
        /// What was attempted, with its path.
        what: String,
        /// What the system said.
        source: io::Error,
    },
}

impl EmbeddedError {
    /// For `map_err`: names what was attempted.
    pub(super) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

/// `Display` of a tokio-postgres error is only "db error"; what the server said is inside.
fn postgres_message(error: &tokio_postgres::Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), |db| db.message().to_owned())
}
