//! What can go wrong at the database, and what to do about it.

use deadpool_postgres::PoolError;
use kernel::{Reason, Refusal};
use tokio_postgres::error::SqlState;

/// An error of one statement or connection. Its texts are for logs; a caller only ever sees a [`Refusal`].
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// Postgres refused a statement, or the connection failed.
    #[error("statement {statement}: {}", describe(source))]
    Statement {
        /// The statement's name.
        statement: &'static str,
        /// What Postgres said.
        source: tokio_postgres::Error,
    },
    /// A statement touched another number of rows than it must: a guard matched nothing, or too much.
    #[error("statement {statement} touched {actual} rows instead of {expected}")]
    RowCount {
        /// The statement's name.
        statement: &'static str,
        /// Rows that the fold had decided on.
        expected: u64,
        /// Rows that were touched.
        actual: u64,
    },
    /// Locks were asked for against the global order.
    #[error("statement {statement} locks {asked:?} after {held:?}")]
    LockOrder {
        /// The statement's name.
        statement: &'static str,
        /// The class asked for.
        asked: super::LockClass,
        /// The class already reached.
        held: super::LockClass,
    },
    /// What a transaction saw changed under it in a way it has to start over for.
    #[error("{0} changed while the transaction ran")]
    Changed(&'static str),
    /// A row that all of a batch needs is locked elsewhere, and was skipped.
    #[error("{0} is locked elsewhere")]
    Skipped(&'static str),
    /// The code that ran the transaction panicked; its connection is closed, which rolled it back.
    #[error("the transaction's code panicked")]
    Panicked,
    /// No connection could be had.
    #[error("pool: {}", describe_pool(.0))]
    Pool(#[from] PoolError),
}

fn describe(error: &tokio_postgres::Error) -> String {
    // `Display` says "db error" and no more; the parts are what helps.
    match error.as_db_error() {
        Some(db) => format!(
            "{} {} (constraint {}, detail {})",
            db.code().code(),
            db.message(),
            db.constraint().unwrap_or("-"),
            db.detail().unwrap_or("-")
        ),
        None => format!("{error:?}"),
    }
}

fn describe_pool(error: &PoolError) -> String {
    match error {
        PoolError::Backend(source) => describe(source),
        other => other.to_string(),
    }
}

/// What to do about an error.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// A serialization failure or a deadlock: run the same transaction again.
    Conflict,
    /// A row or key is locked elsewhere for longer than the time-out.
    Locked,
    /// The connection is gone; if COMMIT had been sent, it is not known whether it happened.
    Lost,
    /// The month's partition does not exist yet.
    NoPartition,
    /// A cached plan is older than the schema.
    StalePlan,
    /// No connection was free in time.
    Busy,
    /// Everything else: a defect of ours.
    Defect,
}

impl DbError {
    /// What to do about this error.
    #[must_use]
    pub fn trouble(&self) -> Trouble {
        match self {
            Self::Statement { source, .. } => statement_trouble(source),
            Self::Changed(_) => Trouble::Conflict,
            Self::Skipped(_) => Trouble::Locked,
            Self::RowCount { .. } | Self::LockOrder { .. } | Self::Panicked => Trouble::Defect,
            Self::Pool(PoolError::Timeout(_)) => Trouble::Busy,
            Self::Pool(_) => Trouble::Lost,
        }
    }

    /// The constraint that was violated, by its name in the migrations. A partition names the copies of its parent's unique
    /// constraints by itself; those are the primary keys of hash-partitioned tables.
    #[must_use]
    pub fn constraint(&self) -> Option<String> {
        let Self::Statement { source, .. } = self else { return None };
        let violated = source.as_db_error()?;
        let name = violated.constraint()?;
        let partition = violated.table().and_then(|table| table.rsplit_once('_'));
        Some(match (name.strip_suffix("_pkey"), partition) {
            (Some(table), Some((parent, number)))
                if number.parse::<u8>().is_ok() && table.starts_with(parent) =>
            {
                format!("{parent}_pk")
            }
            _ => name.to_owned(),
        })
    }

    /// The statement concerned, or `""`.
    #[must_use]
    pub fn statement(&self) -> &'static str {
        match self {
            Self::Statement { statement, .. }
            | Self::RowCount { statement, .. }
            | Self::LockOrder { statement, .. } => statement,
            Self::Changed(_) | Self::Skipped(_) | Self::Panicked | Self::Pool(_) => "",
        }
    }
}

fn statement_trouble(error: &tokio_postgres::Error) -> Trouble {
    let Some(db) = error.as_db_error() else {
        // Conversion errors are ours; everything else without a server's word is a broken connection.
        let ours = std::error::Error::source(error).is_some_and(|source| !source.is::<std::io::Error>());
        return if error.is_closed() || !ours { Trouble::Lost } else { Trouble::Defect };
    };
    match db.code() {
        &SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED => Trouble::Conflict,
        &SqlState::LOCK_NOT_AVAILABLE | &SqlState::QUERY_CANCELED => Trouble::Locked,
        &SqlState::ADMIN_SHUTDOWN
        | &SqlState::CRASH_SHUTDOWN
        | &SqlState::CANNOT_CONNECT_NOW
        | &SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => Trouble::Lost,
        // "no partition of relation found for row" looks like a CHECK, but carries no constraint name.
        &SqlState::CHECK_VIOLATION if db.constraint().is_none() => Trouble::NoPartition,
        &SqlState::FEATURE_NOT_SUPPORTED if db.message().contains("cached plan") => Trouble::StalePlan,
        _ => Trouble::Defect,
    }
}

impl From<DbError> for Refusal {
    /// What a caller is told about a read, or about a write that nothing of was done.
    fn from(error: DbError) -> Self {
        match error.trouble() {
            Trouble::Busy => Self::overloaded(),
            Trouble::Locked => Self::new(Reason::DeadlineExceeded, "the database did not answer in time"),
            Trouble::Lost => Self::new(Reason::Unavailable, "the database cannot be reached")
                .retry_after(std::time::Duration::from_secs(1)),
            Trouble::Conflict => Self::new(Reason::TransactionConflict, "concurrent changes kept colliding")
                .retry_after(std::time::Duration::from_millis(250)),
            Trouble::NoPartition | Trouble::StalePlan | Trouble::Defect => {
                tracing::error!(error = %error, "database error");
                Self::internal()
            }
        }
    }
}
