//! Ready means: the database answers, its schema is at least as new as this program, its clock agrees with ours.

use std::sync::Arc;
use std::time::Duration;

use kernel::{Clock, PageTokens};
use platform::db::Database;
use platform::grpc::Health;
use platform::telemetry::metrics;
use platform::{database_clock, migrate, page_tokens};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Between two looks while ready, and while not.
const WHILE_READY: Duration = Duration::from_secs(5);
const WHILE_NOT: Duration = Duration::from_millis(500);

/// Longest time that one look may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Looks at the database again and again, and tells health.
#[derive(Clone)]
pub struct Readiness {
    database: Database,
    clock: Arc<Clock>,
    page_tokens: PageTokens,
    health: Health,
    ready: Arc<watch::Sender<bool>>,
}

impl Readiness {
    /// Not ready yet.
    #[must_use]
    pub fn new(database: Database, clock: Arc<Clock>, page_tokens: PageTokens, health: Health) -> Self {
        Self { database, clock, page_tokens, health, ready: Arc::new(watch::Sender::new(false)) }
    }

    /// Waits until it is ready.
    pub async fn ready(&self) {
        // The sender is held by self.
        let _ = self.ready.subscribe().wait_for(|ready| *ready).await;
    }

    /// Keeps health true until `end`.
    pub(super) async fn keep(self, end: CancellationToken) {
        let gauge = metrics::meter()
            .u64_gauge("purser.ready")
            .with_description("1 while this process may get calls, 0 while something is in the way")
            .build();
        let mut said = None;
        loop {
            let trouble = tokio::select! {
                () = end.cancelled() => return,
                trouble = self.look_for_a_while() => trouble,
            };
            let ready = trouble.is_none();
            self.health.set_all(ready);
            self.ready.send_replace(ready);
            gauge.record(u64::from(ready), &[]);
            if said.as_ref() != Some(&trouble) {
                match &trouble {
                    None => tracing::info!("ready"),
                    Some(trouble) => tracing::warn!(trouble, "not ready"),
                }
                said = Some(trouble);
            }
            let pause = if ready { WHILE_READY } else { WHILE_NOT };
            tokio::select! {
                () = end.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    async fn look_for_a_while(&self) -> Option<String> {
        let looked = tokio::time::timeout(PATIENCE, self.look()).await;
        looked.unwrap_or_else(|_| Some("the database does not answer".to_owned()))
    }

    /// What is in the way, if anything is.
    async fn look(&self) -> Option<String> {
        let client = match self.database.write().await {
            Ok(client) => client,
            Err(error) => return Some(error.to_string()),
        };
        match migrate::is_current(&client).await {
            Ok(true) => {}
            Ok(false) => {
                return Some("the schema is older than this program: run `purser migrate`".to_owned());
            }
            Err(error) => return Some(error.to_string()),
        }
        drop(client);
        if let Err(error) = page_tokens::load(&self.database, &self.page_tokens).await {
            return Some(error.to_string());
        }
        match database_clock::measure(&self.database, &self.clock).await {
            Ok(offset) if offset.unsigned_abs() > database_clock::SKEW_MAX => {
                Some("this machine's clock and the database's are too far apart".to_owned())
            }
            Ok(_) => None,
            Err(error) => Some(error.to_string()),
        }
    }
}
