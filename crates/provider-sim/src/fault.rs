//! Faults on order: what the next executed request meets, one fault each.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;

use crate::book::locked;

/// One fault. A request that begins to execute takes the oldest; replays and refused requests take none.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The money moves (or the card declines), the connection is closed without a reply.
    DropReplyAfterCommit,
    /// The money moves, the reply comes late. Until it is sent the key counts as in use.
    DelayReply(Delay),
    /// Nothing moves, and 500 is the result that the key keeps.
    Status500BeforeCommit,
    /// The money moves, and 500 is the result that the key keeps: only the intent tells.
    Status500AfterCommit,
    /// Too many requests: nothing moves, the key stays free.
    Status429,
    /// The connection is reset (RST) before anything moves; the key stays free.
    ConnectionReset,
}

/// How long a reply is held back.
#[derive(Clone, Debug)]
pub enum Delay {
    /// For a fixed time.
    For(Duration),
    /// Until a test says so.
    UntilReleased(Gate),
}

impl Delay {
    pub(crate) async fn pass(self) {
        match self {
            Self::For(time) => tokio::time::sleep(time).await,
            Self::UntilReleased(gate) => gate.pass().await,
        }
    }
}

/// Holds one reply back, so that a test can act while the request is known to stand there. Clones are one gate.
#[derive(Clone, Debug, Default)]
pub struct Gate {
    reached: Arc<watch::Sender<bool>>,
    released: Arc<watch::Sender<bool>>,
}

impl Gate {
    /// Waits until a request stands at the gate: its effect is committed, its reply is not sent.
    pub async fn reached(&self) {
        let _ = self.reached.subscribe().wait_for(|reached| *reached).await;
    }

    /// Lets the reply go, now or when it arrives.
    pub fn release(&self) {
        self.released.send_replace(true);
    }

    async fn pass(&self) {
        self.reached.send_replace(true);
        let _ = self.released.subscribe().wait_for(|released| *released).await;
    }
}

/// The queue of faults of one simulator.
#[derive(Debug, Default)]
pub struct Faults {
    queue: Mutex<VecDeque<Fault>>,
    gates: Mutex<Vec<Gate>>,
}

impl Faults {
    /// Adds a fault behind those already waiting.
    pub fn push(&self, fault: Fault) {
        locked(&self.queue).push_back(fault);
    }

    /// How many faults no request has taken yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        locked(&self.queue).len()
    }

    /// Releases every reply that is held, or is about to be held, at a gate.
    pub fn release_held(&self) {
        for gate in locked(&self.gates).drain(..) {
            gate.release();
        }
    }

    pub(crate) fn take(&self) -> Option<Fault> {
        let fault = locked(&self.queue).pop_front();
        // Known from here on, so that a release between commit and gate is not missed.
        if let Some(Fault::DelayReply(Delay::UntilReleased(gate))) = &fault {
            locked(&self.gates).push(gate.clone());
        }
        fault
    }
}
