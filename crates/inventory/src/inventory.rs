//! The running context: its group commit, its expiry worker, and what they stand on.

use std::sync::Arc;

use kernel::Clock;
use platform::db::Database;
use platform::group_commit::{Deadline, GroupCommit, Limits, Reply};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::commands::{Changed, StockChange, StockCommand};
use crate::sku_directory::SkuDirectory;
use crate::workers::expire_reservations;

/// What inventory is put together from.
pub struct Deps {
    /// The database.
    pub database: Database,
    /// The process's clock.
    pub clock: Arc<Clock>,
    /// Knows the SKUs.
    pub skus: Arc<dyn SkuDirectory>,
    /// Bounds of the group commit.
    pub limits: Limits,
}

/// The context as it runs in one process. Cheap to clone.
#[derive(Clone)]
pub struct Inventory {
    pub(crate) database: Database,
    pub(crate) clock: Arc<Clock>,
    pub(crate) skus: Arc<dyn SkuDirectory>,
    pub(crate) commits: GroupCommit<StockChange>,
    pub(crate) due: Arc<Notify>,
}

impl Inventory {
    /// Starts the lanes. The process drains them with [`Inventory::drain`].
    #[must_use]
    pub fn start(deps: Deps) -> Self {
        let Deps { database, clock, skus, limits } = deps;
        let kind = StockChange::new(Arc::clone(&skus));
        let commits = GroupCommit::start(kind, database.clone(), Arc::clone(&clock), limits);
        Self { database, clock, skus, commits, due: Arc::new(Notify::new()) }
    }

    /// Hands a command over and waits for its outcome.
    ///
    /// # Errors
    /// The command's refusal, or why it was not run; see [`GroupCommit::submit`].
    pub async fn change(&self, command: StockCommand, deadline: Deadline) -> Reply<Changed> {
        self.commits.submit(command, deadline).await
    }

    /// Expires reservations whose time is over, until `stop`. To be spawned once per process.
    pub async fn expire_reservations(self, stop: CancellationToken) {
        expire_reservations::run(&self, &stop).await;
    }

    /// Makes the expiry worker look now instead of after its interval.
    pub fn look_for_expired(&self) {
        self.due.notify_one();
    }

    /// Takes no more commands and waits until every accepted one is answered.
    pub async fn drain(&self) {
        self.commits.drain().await;
    }
}
