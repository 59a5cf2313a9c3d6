//! A provider that remembers keys as a real one does, and otherwise does as it is told.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use kernel::Money;
use kernel::id::PaymentId;
use payment::provider::{Advice, CaptureRequest, Outcome, Provider};
use tokio::sync::{Semaphore, watch};

/// What a call does. Without a script money moves and the call says so.
pub enum Step {
    /// Nothing moves; this is the answer.
    Answer(Outcome),
    /// The money moves, and this is the answer.
    MoveThen(Outcome),
    /// The money moves, and the process dies before it hears of it.
    MoveThenDie,
    /// The answer says this, whatever was asked.
    Claim { reference: &'static str, amount: Money },
    /// The call waits until it is let go on, then money moves.
    Wait(Arc<Semaphore>),
}

pub struct ScriptedProvider {
    script: Mutex<VecDeque<Step>>,
    moved: Mutex<HashMap<String, (PaymentId, Money)>>,
    calls: watch::Sender<Vec<CaptureRequest>>,
}

impl Default for ScriptedProvider {
    fn default() -> Self {
        Self { script: Mutex::default(), moved: Mutex::default(), calls: watch::Sender::new(Vec::new()) }
    }
}

pub fn ambiguous() -> Outcome {
    Outcome::Ambiguous { detail: "reset".to_owned() }
}

pub fn not_sent() -> Outcome {
    Outcome::NotSent { detail: "refused".to_owned() }
}

pub fn declined() -> Outcome {
    Outcome::Declined {
        category: "insufficient_funds".to_owned(),
        code: "51".to_owned(),
        advice: Advice::OtherMethod,
        provider_reference: None,
    }
}

impl ScriptedProvider {
    pub fn next(&self, step: Step) {
        self.script.lock().unwrap().push_back(step);
    }

    pub fn calls(&self) -> Vec<CaptureRequest> {
        self.calls.borrow().clone()
    }

    /// Waits until there were so many calls.
    pub async fn called(&self, times: usize) {
        let mut calls = self.calls.subscribe();
        calls.wait_for(|calls| calls.len() >= times).await.unwrap();
    }

    /// What really moved for a payment.
    pub fn moved(&self, payment: PaymentId) -> i64 {
        let moved = self.moved.lock().unwrap();
        moved.values().filter(|(of, _)| *of == payment).map(|(_, amount)| amount.minor).sum()
    }

    fn move_money(&self, request: &CaptureRequest) -> Outcome {
        let mut moved = self.moved.lock().unwrap();
        // A key moves money once, as at a real provider.
        moved.entry(request.provider_key.clone()).or_insert((request.payment_id, request.amount));
        Outcome::Succeeded {
            provider_reference: format!("pi_{}", &request.provider_key[..20]),
            amount: request.amount,
        }
    }

    async fn act(&self, request: CaptureRequest) -> Outcome {
        self.calls.send_modify(|calls| calls.push(request.clone()));
        let step = self.script.lock().unwrap().pop_front();
        match step {
            None if request.method_token.contains("declined") => declined(),
            None => self.move_money(&request),
            Some(Step::Answer(outcome)) => outcome,
            Some(Step::MoveThen(outcome)) => {
                self.move_money(&request);
                outcome
            }
            Some(Step::MoveThenDie) => {
                self.move_money(&request);
                panic!("the process dies, as this test wants it to");
            }
            Some(Step::Claim { reference, amount }) => {
                Outcome::Succeeded { provider_reference: reference.to_owned(), amount }
            }
            Some(Step::Wait(gate)) => {
                let _go = gate.acquire().await.unwrap();
                self.move_money(&request)
            }
        }
    }
}

impl Provider for ScriptedProvider {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn key_window(&self) -> Duration {
        Duration::from_secs(23 * 3_600)
    }

    fn capture(&self, request: CaptureRequest) -> BoxFuture<'_, Outcome> {
        self.act(request).boxed()
    }
}
