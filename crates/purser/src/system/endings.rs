//! What has to finish after the last call has ended.

use std::pin::Pin;
use std::time::Duration;

/// Longest time that all of it may take.
const PATIENCE: Duration = Duration::from_secs(15);

type Ending = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Futures that finish what parts of the system have begun, in the order in which they were added.
#[derive(Default)]
pub struct Endings(Vec<(&'static str, Ending)>);

impl Endings {
    /// Adds the end of a part. It is first polled when calls have ended.
    pub fn add(&mut self, name: &'static str, ending: impl Future<Output = ()> + Send + 'static) {
        self.0.push((name, Box::pin(ending)));
    }

    /// Ends every part.
    pub(super) async fn run(self) {
        let end = async {
            for (name, ending) in self.0 {
                tracing::debug!(name, "ending");
                ending.await;
            }
        };
        if tokio::time::timeout(PATIENCE, end).await.is_err() {
            tracing::warn!("not everything could be finished in time; what was promised is in the database");
        }
    }
}
