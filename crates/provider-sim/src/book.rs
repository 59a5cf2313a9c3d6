//! What the provider remembers: payment intents in the order they were accepted, and the use of idempotency keys.
//!
//! Pure state. Facts enter through [`Book::apply`] only, live and when the journal is read again.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use kernel::{Fingerprint, Timestamp};
use serde::Serialize;

use crate::intent::Intent;
use crate::record::Record;
use crate::reply::Reply;

/// How long a key is remembered; afterwards the same key names a new request, as with the original.
const KEY_WINDOW: time::Duration = time::Duration::hours(24);

/// Money that really moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Charge {
    /// The payment intent, `pi_..`.
    pub payment_intent: String,
    /// Minor units, as the request gave them.
    pub amount: i64,
    /// Currency code in lower case.
    pub currency: String,
    /// What the request attached.
    pub metadata: BTreeMap<String, String>,
    /// The key of the request, if it had one.
    pub idempotency_key: Option<String>,
}

#[derive(Default)]
pub(crate) struct Book {
    accepted: Vec<Accepted>,
    position: HashMap<String, usize>,
    keys: HashMap<String, KeyUse>,
}

struct Accepted {
    intent: Intent,
    key: Option<String>,
}

struct KeyUse {
    fingerprint: Fingerprint,
    first_used_at: Timestamp,
    running: bool,
    result: Option<Reply>,
}

/// What a key says about a request that carries it.
pub(crate) enum Claim {
    /// Unused: the request may run, and the key is taken until [`Book::finish`].
    Fresh,
    /// Used by the same request, which ended like this.
    Replay(Reply),
    /// Used by a request with other parameters.
    OtherParameters,
    /// The same request is still running.
    Running,
}

impl Book {
    pub(crate) fn claim(&mut self, key: &str, fingerprint: Fingerprint, now: Timestamp) -> Claim {
        let known = self.keys.get(key).filter(|used| used.running || now - used.first_used_at < KEY_WINDOW);
        match known {
            Some(used) if used.fingerprint != fingerprint => Claim::OtherParameters,
            Some(KeyUse { running: false, result: Some(result), .. }) => Claim::Replay(result.clone()),
            Some(_) => Claim::Running,
            None => {
                let used = KeyUse { fingerprint, first_used_at: now, running: true, result: None };
                self.keys.insert(key.to_owned(), used);
                Claim::Fresh
            }
        }
    }

    /// The request that claimed `key` has ended. Without a result the key is free again.
    pub(crate) fn finish(&mut self, key: &str) {
        if let Some(used) = self.keys.get_mut(key) {
            used.running = false;
            if used.result.is_none() {
                self.keys.remove(key);
            }
        }
    }

    pub(crate) fn apply(&mut self, record: Record) {
        let result = record.reply();
        let key = record.key.map(|mark| {
            let running = self.keys.get(&mark.key).is_some_and(|used| used.running);
            let first_used_at = record.at;
            let used = KeyUse { fingerprint: mark.fingerprint, first_used_at, running, result: Some(result) };
            self.keys.insert(mark.key.clone(), used);
            mark.key
        });
        if let Some(intent) = record.intent {
            self.position.insert(intent.id.clone(), self.accepted.len());
            self.accepted.push(Accepted { intent, key });
        }
    }

    pub(crate) fn intent(&self, id: &str) -> Option<&Intent> {
        self.position.get(id).map(|at| &self.accepted[*at].intent)
    }

    /// At most `limit` intents, newest first, beginning after `starting_after`, and whether more follow. `None` if
    /// there is no such intent to start after.
    pub(crate) fn page(&self, starting_after: Option<&str>, limit: usize) -> Option<(Vec<&Intent>, bool)> {
        let end = match starting_after {
            Some(id) => *self.position.get(id)?,
            None => self.accepted.len(),
        };
        let older = &self.accepted[..end];
        let page = older.iter().rev().take(limit).map(|accepted| &accepted.intent).collect();
        Some((page, older.len() > limit))
    }

    pub(crate) fn charges(&self) -> Vec<Charge> {
        let paid = self.accepted.iter().filter(|accepted| accepted.intent.decline.is_none());
        paid.map(|Accepted { intent, key }| Charge {
            payment_intent: intent.id.clone(),
            amount: intent.amount,
            currency: intent.currency.clone(),
            metadata: intent.metadata.clone(),
            idempotency_key: key.clone(),
        })
        .collect()
    }
}

/// Locks a mutex whose holder never leaves it half changed: a panic elsewhere does not end the provider.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
