//! The operations that this process works on: whoever else asks for one waits for its outcome here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kernel::id::OperationId;
use tokio::sync::watch;

use super::Answer;

type Heard = watch::Receiver<Option<Answer>>;

/// Operations and those who wait for them.
#[derive(Clone, Default)]
pub(crate) struct Running(Arc<Mutex<HashMap<OperationId, Heard>>>);

/// The work on one operation. Dropped without [`Work::ended`], those who wait learn that nobody works on it any more.
pub(crate) struct Work {
    running: Running,
    operation: OperationId,
    told: watch::Sender<Option<Answer>>,
}

impl Running {
    fn map(&self) -> MutexGuard<'_, HashMap<OperationId, Heard>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts work on an operation, unless somebody in this process works on it already.
    pub fn enter(&self, operation: OperationId) -> Option<Work> {
        let mut map = self.map();
        if map.contains_key(&operation) {
            return None;
        }
        let (told, heard) = watch::channel(None);
        map.insert(operation, heard);
        Some(Work { running: self.clone(), operation, told })
    }

    /// Waits for the outcome of an operation that this process works on; `None` when it works on no such operation, or
    /// stopped without an outcome.
    pub async fn attach(&self, operation: OperationId) -> Option<Answer> {
        let mut heard = self.map().get(&operation).cloned()?;
        heard.wait_for(Option::is_some).await.ok()?.clone()
    }
}

impl Work {
    /// Tells the outcome to those who wait.
    pub fn ended(self, answer: &Answer) {
        self.told.send_replace(Some(answer.clone()));
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.running.map().remove(&self.operation);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{Refusal, Timestamp};

    #[tokio::test]
    async fn an_operation_is_worked_on_once_and_all_who_wait_hear_its_outcome() {
        let running = Running::default();
        let operation = OperationId::mint(Timestamp::UNIX_EPOCH);
        let work = running.enter(operation).expect("nobody works on it");
        assert!(running.enter(operation).is_none());
        let waiting = tokio::spawn({
            let running = running.clone();
            async move { running.attach(operation).await }
        });
        tokio::task::yield_now().await;
        work.ended(&Err(Refusal::internal()));
        assert_eq!(waiting.await.expect("no panic"), Some(Err(Refusal::internal())));
        assert_eq!(running.attach(operation).await, None);
    }

    #[tokio::test]
    async fn work_that_stops_without_an_outcome_lets_go_of_those_who_wait() {
        let running = Running::default();
        let operation = OperationId::mint(Timestamp::UNIX_EPOCH);
        let work = running.enter(operation);
        let waiting = tokio::spawn({
            let running = running.clone();
            async move { running.attach(operation).await }
        });
        tokio::task::yield_now().await;
        drop(work);
        assert_eq!(waiting.await.expect("no panic"), None);
    }
}
