//! The callers' side: bounds, keys in flight, and the wait for an answer.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kernel::{Clock, Fingerprint, Reason, Refusal, Timestamp};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tracing::{Instrument, Span};

use super::lane::{self, Role};
use super::queue::{Job, Queue};
use super::{Command, Deadline, Done, Kind, Limits, Reply};
use crate::db::Database;
use crate::idempotency::{self, InFlight};

/// The lanes of one kind of command, and the way in.
pub struct GroupCommit<K: Kind> {
    pub(super) shared: Arc<Shared<K>>,
}

impl<K: Kind> Clone for GroupCommit<K> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

pub(super) struct Shared<K: Kind> {
    pub kind: K,
    pub database: Database,
    pub clock: Arc<Clock>,
    pub limits: Limits,
    pub ordinary: Vec<Queue<K>>,
    pub heavy: Queue<K>,
    pub slow: Queue<K>,
    in_flight: Mutex<InFlight<Leader<K>>>,
    queued_lines: AtomicUsize,
    queued_bytes: AtomicUsize,
    closed: AtomicBool,
    permits: Arc<Semaphore>,
    tasks: Mutex<Vec<tokio::task::JoinHandle<()>>>,
    /// Commands accepted and not answered yet, wherever they are.
    pub open: tokio::sync::watch::Sender<usize>,
    pub metrics: super::batch::Metrics,
}

/// The request that came first with a key, and those that came with the same key while it was on its way.
struct Leader<K: Kind> {
    fingerprint: Fingerprint,
    method: &'static str,
    since: Timestamp,
    followers: Vec<oneshot::Sender<Reply<K::Value>>>,
}

/// A reserved place for a command that must not be refused later.
#[derive(Debug)]
pub struct Permit(OwnedSemaphorePermit);

impl<K: Kind> GroupCommit<K> {
    /// Starts the lanes of a kind.
    #[must_use]
    pub fn start(kind: K, database: Database, clock: Arc<Clock>, limits: Limits) -> Self {
        let shared = Arc::new(Shared {
            kind,
            database,
            clock,
            limits,
            ordinary: (0..limits.lanes.max(1)).map(|_| Queue::new()).collect(),
            heavy: Queue::new(),
            slow: Queue::new(),
            in_flight: Mutex::new(InFlight::new()),
            queued_lines: AtomicUsize::new(0),
            queued_bytes: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
            permits: Arc::new(Semaphore::new(limits.permits)),
            tasks: Mutex::new(Vec::new()),
            open: tokio::sync::watch::Sender::new(0),
            metrics: super::batch::Metrics::new(K::NAME),
        });
        let roles = (0..shared.ordinary.len()).map(Role::Ordinary).chain([Role::Heavy, Role::Slow]);
        let tasks = roles.map(|role| tokio::spawn(lane::run(Arc::clone(&shared), role))).collect();
        *shared.tasks.lock().unwrap_or_else(PoisonError::into_inner) = tasks;
        Self { shared }
    }

    /// Hands over a command and waits for its outcome. Dropping the future does not undo anything: the lane goes on.
    ///
    /// # Errors
    /// The command's own refusal; [`Reason::Overloaded`] at once when the queue is full; [`Reason::DeadlineExceeded`] when
    /// the deadline passed, before or after the batch began.
    pub async fn submit(&self, command: K::Command, deadline: Deadline) -> Reply<K::Value> {
        let span = tracing::info_span!("group_commit", kind = K::NAME);
        let ticket = span.in_scope(|| self.enqueue(command, deadline, None, false));
        ticket.wait(deadline).instrument(span).await
    }

    /// As [`GroupCommit::submit`] for a caller that must see what became of a batch that began in time, however long it
    /// takes: because it has to go on from there, whether or not anybody still waits for it.
    ///
    /// # Errors
    /// The command's own refusal; [`Reason::Overloaded`] at once when the queue is full; [`Reason::DeadlineExceeded`] when
    /// the deadline passed before the batch began.
    pub async fn submit_and_see(&self, command: K::Command, deadline: Deadline) -> Reply<K::Value> {
        let span = tracing::info_span!("group_commit", kind = K::NAME);
        let ticket = span.in_scope(|| self.enqueue(command, deadline, None, false));
        ticket.wait(None).instrument(span).await
    }

    /// Hands over a command that has no caller's deadline and is never refused for want of room: expiry, for example.
    ///
    /// # Errors
    /// The command's own refusal; [`Reason::Unavailable`] when the process is ending.
    pub async fn submit_always(&self, command: K::Command) -> Reply<K::Value> {
        self.enqueue(command, None, None, true).wait(None).await
    }

    /// Reserves a place for one command that must not be refused later.
    ///
    /// # Errors
    /// [`Reason::Overloaded`] when all places are taken.
    pub fn reserve(&self) -> Result<Permit, Refusal> {
        Arc::clone(&self.shared.permits).try_acquire_owned().map(Permit).map_err(|_| Refusal::overloaded())
    }

    /// Hands over the command that a permit reserved a place for. It has no deadline and is taken even while the process is
    /// ending.
    ///
    /// # Errors
    /// The command's own refusal.
    pub async fn submit_reserved(&self, permit: Permit, command: K::Command) -> Reply<K::Value> {
        self.enqueue(command, None, Some(permit.0), true).wait(None).await
    }

    fn enqueue(
        &self,
        command: K::Command,
        deadline: Deadline,
        permit: Option<OwnedSemaphorePermit>,
        always: bool,
    ) -> Ticket<K> {
        let shared = &self.shared;
        // Counted before `closed` is looked at: either a drain sees this command and waits for it, or this sees the drain.
        shared.open.send_modify(|open| *open += 1);
        if shared.closed.load(Ordering::Acquire) && permit.is_none() {
            shared.uncount();
            return Ticket::refused(ending());
        }
        // Keys before bounds: the twin of a request that is on its way never needs room of its own.
        let (answer, ticket) = oneshot::channel();
        let answer = match shared.join_leader(&command, answer) {
            Joined::Leads(answer) => answer,
            Joined::Follows => {
                shared.uncount();
                return Ticket::waiting(ticket);
            }
            Joined::Reused(refusal) => {
                shared.uncount();
                return Ticket::refused(refusal);
            }
        };
        let has_room = shared.take_room(&command, always);
        let span = Span::current();
        let job = Job { command: Arc::new(command), deadline, answer, span, _permit: permit };
        if !has_room {
            shared.tell(job, Err(Refusal::overloaded()));
            shared.uncount();
            return Ticket::waiting(ticket);
        }
        shared.route(job);
        Ticket::waiting(ticket)
    }

    /// Takes no more commands, waits until every accepted one is answered and every permit given back, and ends the lanes.
    pub async fn drain(&self) {
        let shared = &self.shared;
        shared.closed.store(true, Ordering::Release);
        let all = u32::try_from(shared.limits.permits).unwrap_or(u32::MAX);
        let _permits = shared.permits.acquire_many(all).await;
        let mut open = shared.open.subscribe();
        let _ = open.wait_for(|open| *open == 0).await;
        for queue in shared.ordinary.iter().chain([&shared.heavy, &shared.slow]) {
            queue.close();
        }
        let tasks = std::mem::take(&mut *shared.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        for task in tasks {
            let _ = task.await;
        }
    }
}

fn ending() -> Refusal {
    Refusal::new(Reason::Unavailable, "the service is shutting down; nothing was done")
        .retry_after(Duration::from_secs(1))
}

enum Joined<K: Kind> {
    Leads(oneshot::Sender<Reply<K::Value>>),
    Follows,
    Reused(Refusal),
}

impl<K: Kind> Shared<K> {
    fn leaders(&self) -> MutexGuard<'_, InFlight<Leader<K>>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Inside a process a key is in flight once: later requests with it share the first one's outcome.
    fn join_leader(&self, command: &K::Command, answer: oneshot::Sender<Reply<K::Value>>) -> Joined<K> {
        let Some(claim) = command.claim() else {
            return Joined::Leads(answer);
        };
        let mut leaders = self.leaders();
        if let Some(leader) = leaders.get_mut(&idempotency::key_id(claim)) {
            if leader.fingerprint != claim.fingerprint {
                return Joined::Reused(idempotency::reused(leader.method, leader.since));
            }
            leader.followers.push(answer);
            return Joined::Follows;
        }
        let leader = Leader {
            fingerprint: claim.fingerprint,
            method: claim.method,
            since: self.clock.now(),
            followers: Vec::new(),
        };
        leaders.insert(idempotency::key_id(claim), leader);
        Joined::Leads(answer)
    }

    fn take_room(&self, command: &K::Command, always: bool) -> bool {
        let (lines, bytes) = (command.lines(), command.bytes());
        let queued_lines = self.queued_lines.fetch_add(lines, Ordering::AcqRel) + lines;
        let queued_bytes = self.queued_bytes.fetch_add(bytes, Ordering::AcqRel) + bytes;
        if always || (queued_lines <= self.limits.queued_lines && queued_bytes <= self.limits.queued_bytes) {
            return true;
        }
        self.leave_room(command);
        false
    }

    fn leave_room(&self, command: &K::Command) {
        self.queued_lines.fetch_sub(command.lines(), Ordering::AcqRel);
        self.queued_bytes.fetch_sub(command.bytes(), Ordering::AcqRel);
    }

    fn route(&self, job: Job<K>) {
        if job.command.lines() > self.limits.heavy_lines {
            return self.heavy.push(job);
        }
        let mut hasher = DefaultHasher::new();
        job.command.merchant().hash(&mut hasher);
        let lanes = self.ordinary.len() as u64;
        self.ordinary[usize::try_from(hasher.finish() % lanes).unwrap_or_default()].push(job);
    }

    /// Answers an accepted job, and gives back the room it took.
    pub fn answer(&self, job: Job<K>, reply: Reply<K::Value>) {
        self.leave_room(&job.command);
        self.tell(job, reply);
        self.uncount();
    }

    fn uncount(&self) {
        self.open.send_modify(|open| *open -= 1);
    }

    fn tell(&self, job: Job<K>, reply: Reply<K::Value>) {
        let followers = job
            .command
            .claim()
            .and_then(|claim| self.leaders().remove(&idempotency::key_id(claim)))
            .map(|leader| leader.followers)
            .unwrap_or_default();
        for follower in followers {
            // A caller that hung up is no longer interested; that is fine.
            let _ = follower.send(as_replay(&reply));
        }
        let _ = job.answer.send(reply);
    }
}

/// The leader's outcome as a follower is told it; an indefinite one stays indefinite.
fn as_replay<V: Clone>(reply: &Reply<V>) -> Reply<V> {
    match reply {
        Ok(done) => Ok(Done { value: done.value.clone(), replayed: true }),
        Err(refusal) if refusal.reason.is_retryable() => Err(refusal.clone()),
        Err(refusal) => Err(refusal.clone().replayed()),
    }
}

struct Ticket<K: Kind> {
    reply: Result<oneshot::Receiver<Reply<K::Value>>, Refusal>,
}

impl<K: Kind> Ticket<K> {
    const fn waiting(receiver: oneshot::Receiver<Reply<K::Value>>) -> Self {
        Self { reply: Ok(receiver) }
    }

    const fn refused(refusal: Refusal) -> Self {
        Self { reply: Err(refusal) }
    }

    async fn wait(self, deadline: Deadline) -> Reply<K::Value> {
        let receiver = self.reply?;
        let answer = async { receiver.await.unwrap_or_else(|_| Err(Refusal::internal())) };
        match deadline {
            None => answer.await,
            Some(deadline) => {
                tokio::time::timeout_at(deadline, answer).await.unwrap_or_else(|_| Err(too_late()))
            }
        }
    }
}

/// The refusal of a caller whose deadline passed while it waited.
pub(super) fn too_late() -> Refusal {
    Refusal::new(
        Reason::DeadlineExceeded,
        "the deadline passed before the outcome was known; repeat the call with the same key",
    )
}
