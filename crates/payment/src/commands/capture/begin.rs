//! TX1 of a capture: the key, the intent and the pinned hold, before the provider is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::future;
use kernel::id::OperationId;
use kernel::{MerchantId, OrderId, Timestamp};
use platform::db::{DbError, Tx};
use platform::group_commit::{Kind, Verdict};
use platform::idempotency::{self, Claim, Finished};
use platform::sql::Sql;

use super::Limits;
use crate::domain::attempt::Attempt;
use crate::domain::operation;
use crate::domain::refusals;
use crate::domain::tally::Tally;
use crate::orders::{Orders, Pinned};
use crate::store::in_flight::{self, NewInFlight};
use crate::store::of_orders;
use crate::store::operations::{self, NewOperation};
use crate::store::payments::{self, PaymentKey};

mod command;
mod earlier;
mod scene;

pub use command::Begin;
pub(crate) use command::METHOD;
use earlier::earlier;
use scene::{Scene, Step};

/// What became of the key of a capture.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Begun {
    /// The intent is written down: now the provider is asked.
    Started(Attempt),
    /// An earlier request began this operation, and its outcome is not known yet.
    Open(OperationId),
    /// An earlier request's operation has succeeded.
    Done(OperationId),
}

/// Begins captures.
pub struct BeginCapture {
    orders: Arc<dyn Orders>,
    limits: Limits,
}

impl BeginCapture {
    /// Captures of orders, within bounds.
    #[must_use]
    pub fn new(orders: Arc<dyn Orders>, limits: Limits) -> Self {
        Self { orders, limits }
    }
}

impl Kind for BeginCapture {
    const NAME: &'static str = "begin_capture";
    type Command = Begin;
    type Value = Begun;

    fn statements(&self) -> Vec<&'static Sql> {
        let mut statements = self.orders.statements();
        statements.extend(idempotency::STATEMENTS);
        statements.extend(payments::STATEMENTS);
        statements.extend(of_orders::STATEMENTS);
        statements.extend(operations::STATEMENTS);
        statements.extend(in_flight::STATEMENTS);
        statements
    }

    fn stores_refusals(&self) -> bool {
        true
    }

    async fn run(
        &self,
        tx: &Tx,
        now: Timestamp,
        batch: &[Arc<Begin>],
    ) -> Result<Vec<Verdict<Begun>>, DbError> {
        let claims: Vec<&Claim> = batch.iter().map(|command| &command.claim).collect();
        let named: BTreeSet<PaymentKey> = batch.iter().map(|command| command.payment_key()).collect();
        let named: Vec<PaymentKey> = named.into_iter().collect();
        let (claimed, orders) =
            idempotency::claim_and(tx, now, &claims, payments::orders(tx, &named)).await?;

        let mut decisions = earlier(tx, batch, &claimed).await?;
        let fresh: Vec<usize> = (0..batch.len()).filter(|place| decisions[*place].is_none()).collect();
        let mut scene = Scene::lock(tx, self.orders.as_ref(), batch, &fresh, &orders).await?;
        for place in &fresh {
            decisions[*place] = Some(scene.decide(&batch[*place]));
        }
        let mut decisions: Vec<Step> = decisions.into_iter().flatten().collect();
        self.pin(tx, now, &scene, &mut decisions).await?;
        self.write(tx, now, batch, &scene, &decisions).await?;
        Ok(decisions.into_iter().map(Step::verdict).collect())
    }
}

impl BeginCapture {
    /// Pins the holds of what begins; a capture whose stock is gone does not begin.
    async fn pin(&self, tx: &Tx, now: Timestamp, scene: &Scene, steps: &mut [Step]) -> Result<(), DbError> {
        let mut places = Vec::new();
        let mut orders = BTreeSet::new();
        for (place, step) in steps.iter_mut().enumerate() {
            let Step::Begins(attempt) = step else { continue };
            attempt.created_time = now;
            orders.insert((attempt.merchant_id, attempt.order_id));
            places.push(place);
        }
        if places.is_empty() {
            return Ok(());
        }
        let orders: Vec<(MerchantId, OrderId)> = orders.into_iter().collect();
        let pinned = self.orders.pin(tx, now, &orders).await?;
        let pinned: BTreeMap<(MerchantId, OrderId), Pinned> = orders.into_iter().zip(pinned).collect();
        for place in places {
            let Step::Begins(attempt) = &steps[place] else { continue };
            let payment = &scene.payments[&(attempt.payment_id, attempt.merchant_id)];
            match pinned.get(&(attempt.merchant_id, attempt.order_id)) {
                Some(Pinned::Held) => {}
                Some(Pinned::Short(lines)) => {
                    steps[place] = Step::Stored(refusals::reservation_expired(payment, lines.clone()));
                }
                Some(Pinned::Busy) | None => steps[place] = Step::Busy,
            }
        }
        Ok(())
    }

    async fn write(
        &self,
        tx: &Tx,
        now: Timestamp,
        batch: &[Arc<Begin>],
        scene: &Scene,
        steps: &[Step],
    ) -> Result<(), DbError> {
        let mut rows = Rows::default();
        for (command, step) in batch.iter().zip(steps) {
            match step {
                Step::Begins(attempt) => rows.begins(command, attempt, scene, now, &self.limits),
                Step::Stored(refusal) => rows.stored.push(Finished {
                    merchant: command.claim.scope.merchant_uuid(),
                    scope: command.claim.scope.name().to_owned(),
                    key: command.claim.key.as_bytes().to_vec(),
                    refusal: Some(refusal.clone()),
                }),
                Step::Freed(_) | Step::Busy => rows.freed.push(&command.claim),
                Step::Earlier(_) => {}
            }
        }
        future::try_join5(
            payments::update(tx, now, &rows.payments),
            operations::insert(tx, now, &rows.operations),
            in_flight::insert(tx, now, &rows.in_flight),
            idempotency::finish(tx, &rows.stored),
            idempotency::free(tx, &rows.freed),
        )
        .await
        .map(drop)
    }
}

/// What a batch writes. One operation per payment begins in a batch, so each payment is written once.
#[derive(Default)]
struct Rows<'a> {
    payments: Vec<&'a Tally>,
    operations: Vec<NewOperation<'a>>,
    in_flight: Vec<NewInFlight<'a>>,
    stored: Vec<Finished>,
    freed: Vec<&'a Claim>,
}

impl<'a> Rows<'a> {
    fn begins(
        &mut self,
        command: &'a Begin,
        attempt: &'a Attempt,
        scene: &'a Scene,
        now: Timestamp,
        limits: &Limits,
    ) {
        self.payments.push(&scene.payments[&command.payment_key()]);
        self.operations.push(NewOperation {
            attempt,
            kind: operation::Kind::Capture,
            key_scope: command.claim.scope.name(),
            key: command.claim.key.as_bytes(),
            actor: &command.actor,
        });
        let lease_until = now + limits.lease;
        let next_check_at = lease_until + limits.lease_margin;
        self.in_flight.push(NewInFlight { attempt, lease_until, next_check_at });
    }
}
