//! How the private server is to run, and the server parameters that follow from it.

use std::path::{Path, PathBuf};
use std::time::Duration;

/// Whether what is committed must survive a power failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Real data: every commit is on disk before it is answered.
    Durable,
    /// Data of a test run: fast, and lost with the machine.
    Disposable,
}

/// Settings of an [`super::EmbeddedPostgres`].
#[derive(Debug, Clone)]
pub struct Settings {
    /// The owner's directory. The server uses `postgres/`, `postgres.log`, `postgres.lock` and `socket/` in it and
    /// leaves every other name alone. Created when missing.
    pub data_dir: PathBuf,
    /// Whether commits survive a power failure.
    pub durability: Durability,
    /// `max_connections` of the server.
    pub max_connections: u32,
    /// `shared_buffers` of the server in MiB.
    pub shared_buffers_mib: u64,
    /// More server parameters, which win over those chosen here.
    pub parameters: Vec<(String, String)>,
    /// Directory with `initdb`, `pg_ctl` and `postgres`; without it they are looked for.
    pub postgres_bin: Option<PathBuf>,
    /// How long recovery and start may take.
    pub start_timeout: Duration,
    /// How long an orderly stop may take before the server is ended at once.
    pub stop_timeout: Duration,
}

impl Settings {
    /// For real data in `data_dir`.
    pub fn durable(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            durability: Durability::Durable,
            max_connections: 200,
            shared_buffers_mib: eighth_of_memory_mib(Path::new("/proc/meminfo")).clamp(128, 1024),
            parameters: Vec::new(),
            postgres_bin: None,
            // Recovery after a crash replays up to max_wal_size.
            start_timeout: Duration::from_secs(300),
            stop_timeout: Duration::from_secs(60),
        }
    }

    /// For a test run that deletes `data_dir` afterwards.
    pub fn disposable(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            durability: Durability::Disposable,
            max_connections: 300,
            shared_buffers_mib: 256,
            ..Self::durable(data_dir)
        }
    }

    /// Server parameters as `(name, value)`, in the order they are to be given.
    pub(super) fn server_parameters(&self, wal_compression: &str) -> Vec<(String, String)> {
        let mut all = vec![
            ("listen_addresses", String::new()),
            ("cluster_name", "purser".to_owned()),
            ("max_connections", self.max_connections.to_string()),
            ("shared_buffers", format!("{}MB", self.shared_buffers_mib)),
            // A transaction may touch many monthly partitions with their indexes.
            ("max_locks_per_transaction", "256".to_owned()),
            // Deadlocks are designed out; one that happens all the same must not hold a lane for a second.
            ("deadlock_timeout", "100ms".to_owned()),
            ("max_wal_size", "4GB".to_owned()),
            ("checkpoint_timeout", "15min".to_owned()),
            ("random_page_cost", "1.1".to_owned()),
            ("jit", "off".to_owned()),
            ("timezone", "UTC".to_owned()),
            ("log_timezone", "UTC".to_owned()),
            ("log_line_prefix", "%m [%p] %d ".to_owned()),
            ("log_checkpoints", "off".to_owned()),
        ];
        all.extend(match self.durability {
            Durability::Durable => vec![
                ("fsync", "on".to_owned()),
                ("synchronous_commit", "on".to_owned()),
                ("full_page_writes", "on".to_owned()),
                ("wal_compression", wal_compression.to_owned()),
                ("autovacuum_naptime", "15s".to_owned()),
            ],
            Durability::Disposable => vec![
                ("fsync", "off".to_owned()),
                ("synchronous_commit", "off".to_owned()),
                ("full_page_writes", "off".to_owned()),
            ],
        });
        let own = all.into_iter().map(|(name, value)| (name.to_owned(), value));
        own.chain(self.parameters.iter().cloned()).collect()
    }
}

/// An eighth of the machine's memory in MiB; 256 where it cannot be read.
fn eighth_of_memory_mib(meminfo: &Path) -> u64 {
    let text = std::fs::read_to_string(meminfo).unwrap_or_default();
    let total_kib = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))
        .and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok());
    total_kib.map_or(256, |kib| kib / 1024 / 8)
}
