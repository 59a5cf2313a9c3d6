//! The queue of one lane: what waits, in arrival order.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, oneshot};

use super::{Command, Deadline, Kind, Reply};

/// A command on its way, and who waits for it.
pub(super) struct Job<K: Kind> {
    pub command: Arc<K::Command>,
    pub deadline: Deadline,
    pub answer: oneshot::Sender<Reply<K::Value>>,
    /// Where its caller is; the batch is traced as a part of it.
    pub span: tracing::Span,
    /// The place that a permit reserved, given back with the answer.
    pub _permit: Option<tokio::sync::OwnedSemaphorePermit>,
}

pub(super) struct Queue<K: Kind> {
    waiting: Mutex<State<K>>,
    arrived: Notify,
}

struct State<K: Kind> {
    jobs: VecDeque<Job<K>>,
    closed: bool,
}

/// How much one batch may hold.
#[derive(Clone, Copy)]
pub(super) struct Bound {
    pub commands: usize,
    pub lines: usize,
    pub one_merchant: bool,
}

impl<K: Kind> Queue<K> {
    pub fn new() -> Self {
        Self { waiting: Mutex::new(State { jobs: VecDeque::new(), closed: false }), arrived: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State<K>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn push(&self, job: Job<K>) {
        self.state().jobs.push_back(job);
        self.arrived.notify_one();
    }

    /// No more jobs will come; [`Queue::take`] ends once the queue is empty.
    pub fn close(&self) {
        self.state().closed = true;
        self.arrived.notify_one();
    }

    /// Whatever is waiting, up to `bound`; at least one job, or `None` when the queue is closed and empty.
    pub async fn take(&self, bound: Bound) -> Option<Vec<Job<K>>> {
        loop {
            {
                let mut state = self.state();
                let batch = fill(&mut state.jobs, bound);
                if !batch.is_empty() {
                    return Some(batch);
                }
                if state.closed {
                    return None;
                }
            }
            self.arrived.notified().await;
        }
    }
}

fn fill<K: Kind>(jobs: &mut VecDeque<Job<K>>, bound: Bound) -> Vec<Job<K>> {
    let mut batch: Vec<Job<K>> = Vec::new();
    let mut lines = 0;
    while let Some(next) = jobs.front() {
        let fits = batch.is_empty()
            || (batch.len() < bound.commands
                && lines + next.command.lines() <= bound.lines
                && (!bound.one_merchant || batch[0].command.merchant() == next.command.merchant()));
        if !fits {
            break;
        }
        lines += next.command.lines();
        batch.extend(jobs.pop_front());
    }
    batch
}
