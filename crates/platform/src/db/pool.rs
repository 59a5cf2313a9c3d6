//! Pools: one role and one set of session settings for each function of the process.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use kernel::{Reason, Refusal};
use tokio_postgres::NoTls;

use super::{DbError, Reader};

/// Where the database is, and how many connections this process may take.
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    /// A `postgres://` URL or a libpq parameter string.
    pub url: String,
    /// Connections for lanes and workers.
    pub write_connections: usize,
    /// Connections for reads.
    pub read_connections: usize,
}

impl DatabaseConfig {
    /// The defaults, for a database at `url`.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), write_connections: 24, read_connections: 16 }
    }
}

// Lanes pin their plans: a generic nested loop over index scans costs the same on an empty and on a grown month, needs no
// statistics and no planning; hash joins and sequential scans are what a young database's plans go wrong with.
const WRITE_OPTIONS: &str = "-c role=purser_write -c plan_cache_mode=force_generic_plan -c enable_hashjoin=off \
    -c enable_mergejoin=off -c enable_seqscan=off -c jit=off -c lock_timeout=100ms -c statement_timeout=5s \
    -c idle_in_transaction_session_timeout=2s -c timezone=UTC";

// Reads plan for their arguments: a generic plan would lock the partitions of every month.
const READ_OPTIONS: &str = "-c role=purser_read -c plan_cache_mode=force_custom_plan -c jit=off -c lock_timeout=1s \
    -c statement_timeout=5s -c idle_in_transaction_session_timeout=5s -c default_transaction_read_only=on -c timezone=UTC";

/// The database, as this process uses it.
#[derive(Clone)]
pub struct Database {
    write: Pool,
    read: Pool,
    url: String,
    constraints: Arc<HashMap<&'static str, Reason>>,
}

/// The database's address is no address.
#[derive(Debug, thiserror::Error)]
#[error("database URL: {0}")]
pub struct UrlError(#[from] tokio_postgres::Error);

impl Database {
    /// Pools for `config`; connections are made when first needed.
    ///
    /// # Errors
    /// [`UrlError`] when the URL cannot be read.
    pub fn new(config: &DatabaseConfig) -> Result<Self, UrlError> {
        Ok(Self {
            write: pool(&config.url, WRITE_OPTIONS, "purser write", config.write_connections)?,
            read: pool(&config.url, READ_OPTIONS, "purser read", config.read_connections)?,
            url: config.url.clone(),
            constraints: Arc::default(),
        })
    }

    /// Tells what violations of constraints mean; each context knows its own.
    #[must_use]
    pub fn with_constraints(mut self, contexts: &[&[(&'static str, Reason)]]) -> Self {
        self.constraints = Arc::new(contexts.iter().flat_map(|names| names.iter().copied()).collect());
        self
    }

    /// What a command is told whose statement violated a constraint: the domain's word for it, or that it is a defect.
    #[must_use]
    pub fn violation(&self, error: &DbError) -> Refusal {
        let reason = error.constraint().and_then(|name| self.constraints.get(name.as_str()).copied());
        match reason {
            None | Some(Reason::Internal) => Refusal::internal(),
            Some(reason) => Refusal::new(reason, "the change contradicts what is stored; nothing was done"),
        }
    }

    /// The URL given.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A connection for reads.
    ///
    /// # Errors
    /// [`DbError::Pool`] when none is free in time or none can be made.
    pub async fn read(&self) -> Result<Reader, DbError> {
        Ok(Reader::new(self.read.get().await?))
    }

    /// A connection for a write transaction.
    ///
    /// # Errors
    /// [`DbError::Pool`] when none is free in time or none can be made.
    pub async fn write(&self) -> Result<deadpool_postgres::Object, DbError> {
        Ok(self.write.get().await?)
    }

    /// Forgets all prepared statements, after a change of the schema made their plans stale.
    pub fn forget_plans(&self) {
        self.write.manager().statement_caches.clear();
        self.read.manager().statement_caches.clear();
    }

    /// Closes both pools.
    pub fn close(&self) {
        self.write.close();
        self.read.close();
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database")
            .field("write", &self.write.status())
            .field("read", &self.read.status())
            .finish()
    }
}

fn pool(url: &str, options: &str, name: &str, size: usize) -> Result<Pool, UrlError> {
    let mut config: tokio_postgres::Config = url.parse()?;
    let options = match config.get_options() {
        Some(given) => format!("{options} {given}"),
        None => options.to_owned(),
    };
    config.options(&options).application_name(name).connect_timeout(Duration::from_secs(5)).keepalives(true);
    config.keepalives_idle(Duration::from_secs(30)).tcp_user_timeout(Duration::from_secs(15));
    let manager =
        Manager::from_config(config, NoTls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
    Ok(Pool::builder(manager)
        .max_size(size)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(Duration::from_secs(2)))
        .create_timeout(Some(Duration::from_secs(5)))
        .recycle_timeout(Some(Duration::from_secs(2)))
        .build()
        .expect("a pool with a runtime builds"))
}
