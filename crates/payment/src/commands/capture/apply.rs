//! TX2 of a capture: what the provider said, booked on payment, operation, key and order at once.
//!
//! Whoever learned something calls it: the caller's own task, a repetition of the call, the recovery worker. An outcome
//! that is known already changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::future;
use kernel::id::OperationId;
use kernel::{IdempotencyKey, MerchantId, Money, OrderId, Refusal, Timestamp};
use platform::db::{DbError, Locking, Tx};
use platform::group_commit::{Command, Kind, Verdict};
use platform::idempotency::{self, Claim, Finished, StoredKey};
use platform::sql::Sql;
use uuid::Uuid;

use crate::domain::attempt::{Attempt, Lease, OpenOperation};
use crate::domain::evidence::Evidence;
use crate::domain::operation;
use crate::domain::payment::Payment;
use crate::domain::settle::{Effect, Key, NEVER, Reference, Settlement, settle};
use crate::domain::tally::Tally;
use crate::orders::{Orders, Settled, Standing};
use crate::store::in_flight::{self, NewInFlight};
use crate::store::operations::{self, NewOperation, OperationKey};
use crate::store::payments::{self, PaymentKey};
use crate::store::references;

/// What was learned about one operation.
#[derive(Clone, Debug)]
pub struct Apply {
    /// The operation that was worked on.
    pub attempt: Attempt,
    /// What is known now.
    pub evidence: Evidence,
}

impl Apply {
    const fn operation_key(&self) -> OperationKey {
        (self.attempt.operation_id, self.attempt.merchant_id)
    }

    const fn payment_key(&self) -> PaymentKey {
        (self.attempt.payment_id, self.attempt.merchant_id)
    }

    const fn order(&self) -> (MerchantId, OrderId) {
        (self.attempt.merchant_id, self.attempt.order_id)
    }
}

impl Command for Apply {
    fn merchant(&self) -> MerchantId {
        self.attempt.merchant_id
    }

    fn claim(&self) -> Option<&Claim> {
        None
    }

    fn lines(&self) -> usize {
        1
    }
}

/// What became of an operation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Applied {
    /// The money moved as asked; the payment as this transaction left it, without its operations.
    Succeeded(Box<Payment>),
    /// This is what the caller is told.
    Refused(Refusal),
    /// The outcome was known before.
    Already,
    /// Somebody else works on the operation now.
    LostLease,
}

/// Applies outcomes.
pub struct ApplyOutcome {
    orders: Arc<dyn Orders>,
    provider: &'static str,
}

impl ApplyOutcome {
    /// Outcomes of a provider, for payments of orders.
    #[must_use]
    pub fn new(orders: Arc<dyn Orders>, provider: &'static str) -> Self {
        Self { orders, provider }
    }
}

impl Kind for ApplyOutcome {
    const NAME: &'static str = "apply_outcome";
    type Command = Apply;
    type Value = Applied;

    fn statements(&self) -> Vec<&'static Sql> {
        let mut statements = self.orders.statements();
        statements.extend(idempotency::STATEMENTS);
        statements.extend(references::STATEMENTS);
        statements.extend(payments::STATEMENTS);
        statements.extend(operations::STATEMENTS);
        statements.extend(in_flight::STATEMENTS);
        statements
    }

    async fn run(
        &self,
        tx: &Tx,
        now: Timestamp,
        batch: &[Arc<Apply>],
    ) -> Result<Vec<Verdict<Applied>>, DbError> {
        let mut scene = self.lock(tx, batch).await?;
        let verdicts: Vec<Verdict<Applied>> =
            batch.iter().map(|command| scene.apply(command, tx.locking(), now)).collect();
        scene.write(tx, now).await?;
        let settled: Vec<Settled> = scene.settled.into_values().collect();
        if !settled.is_empty() {
            self.orders.settled(tx, now, &settled).await?;
        }
        Ok(verdicts)
    }
}

/// The locked rows of a batch, as its commands leave them one after the other, and what else is to be written.
struct Scene {
    references: BTreeMap<references::ReferenceKey, OperationId>,
    standings: BTreeMap<(MerchantId, OrderId), Standing>,
    payments: BTreeMap<PaymentKey, Tally>,
    operations: BTreeMap<OperationKey, OpenOperation>,
    /// The leases as they were locked; the guard of what is written to them.
    leases: BTreeMap<OperationKey, Lease>,
    changed: BTreeSet<OperationKey>,
    finished: Vec<Finished>,
    freed: Vec<StoredKey>,
    settled: BTreeMap<(MerchantId, OrderId), Settled>,
    refunds: Vec<Refund>,
}

impl ApplyOutcome {
    /// Claims references, then locks orders, payments, operations and leases, each class before the next.
    async fn lock(&self, tx: &Tx, batch: &[Arc<Apply>]) -> Result<Scene, DbError> {
        let wanted = batch.iter().filter_map(|command| {
            let reference = command.evidence.reference()?.to_owned();
            let attempt = &command.attempt;
            Some(((attempt.merchant_id, reference), attempt.operation_id, attempt.payment_id))
        });
        let references = references::claim(tx, self.provider, wanted.collect()).await?;
        let orders: BTreeSet<(MerchantId, OrderId)> = batch.iter().map(|command| command.order()).collect();
        let orders: Vec<(MerchantId, OrderId)> = orders.into_iter().collect();
        let standings = self.orders.lock(tx, &orders).await?;
        let payments: BTreeSet<PaymentKey> = batch.iter().map(|command| command.payment_key()).collect();
        let payments: Vec<PaymentKey> = payments.into_iter().collect();
        let operations: BTreeSet<OperationKey> =
            batch.iter().map(|command| command.operation_key()).collect();
        let operations: Vec<OperationKey> = operations.into_iter().collect();
        let (payments, mut operations, leases) = future::try_join3(
            payments::lock(tx, &payments),
            operations::lock(tx, &operations),
            in_flight::lock(tx, &operations),
        )
        .await?;
        for (key, lease) in &leases {
            if let Some(operation) = operations.get_mut(key) {
                operation.lease = Some(*lease);
            }
        }
        Ok(Scene {
            references,
            standings: orders.into_iter().zip(standings).collect(),
            payments,
            operations,
            leases,
            changed: BTreeSet::new(),
            finished: Vec::new(),
            freed: Vec::new(),
            settled: BTreeMap::new(),
            refunds: Vec::new(),
        })
    }
}

impl Scene {
    /// Applies one command and leaves the rows as the next command of the batch must see them.
    fn apply(&mut self, command: &Apply, locking: Locking, now: Timestamp) -> Verdict<Applied> {
        let standing = self.standings.get(&command.order()).copied().unwrap_or(Standing::Missing);
        let reference = self.reference(command);
        let payment = self.payments.get_mut(&command.payment_key());
        let operation = self.operations.get_mut(&command.operation_key());
        let (Some(payment), Some(operation)) = (payment, operation) else {
            if locking == Locking::Skip {
                return Verdict::Busy;
            }
            tracing::error!(operation = %command.attempt.operation_id, "an outcome of an operation that does not exist");
            return Verdict::Refused(Refusal::internal());
        };
        // Only a lease that is locked elsewhere is missing while the outcome is not known.
        let lease_is_locked = operation.lease.is_none() && !operation.state.has_ended();
        if standing == Standing::Busy || (locking == Locking::Skip && lease_is_locked) {
            return Verdict::Busy;
        }
        let token = command.attempt.lease_token;
        match settle(operation, payment, standing, &command.evidence, reference, token, now) {
            Settlement::Already => Verdict::Replayed(Applied::Already),
            Settlement::LostLease => Verdict::Replayed(Applied::LostLease),
            Settlement::Changed(effect) => {
                let answer = match &effect.answer {
                    None => Applied::Succeeded(Box::new(payment.payment(now))),
                    Some(refusal) => Applied::Refused(refusal.clone()),
                };
                self.changed.insert(command.operation_key());
                self.keep(command, *effect);
                Verdict::Done(answer)
            }
        }
    }

    fn reference(&self, command: &Apply) -> Reference {
        let Some(reference) = command.evidence.reference() else { return Reference::None };
        let key = (command.attempt.merchant_id, reference.to_owned());
        match self.references.get(&key) {
            Some(owner) if *owner == command.attempt.operation_id => Reference::Ours,
            _ => Reference::Others,
        }
    }

    /// Notes what else is to be written for a command that changed its operation.
    fn keep(&mut self, command: &Apply, effect: Effect) {
        let operation = &self.operations[&command.operation_key()];
        match effect.key {
            Key::Stays => {}
            Key::Done => self.finished.push(finished(operation, None)),
            Key::Refused(refusal) => self.finished.push(finished(operation, Some(refusal))),
            Key::Freed => self.freed.push(StoredKey {
                merchant: operation.merchant_id.uuid(),
                scope: operation.key_scope.clone(),
                key: operation.key.clone(),
                resource_id: operation.operation_id.uuid(),
            }),
        }
        if let Some(captured) = effect.settled {
            let settled = self.settled.entry(command.order()).or_insert_with(|| Settled {
                merchant_id: operation.merchant_id,
                order_id: operation.order_id,
                operation_id: operation.operation_id,
                captured: 0,
                actor: operation.actor.clone(),
            });
            if captured > 0 {
                settled.operation_id = operation.operation_id;
                settled.actor.clone_from(&operation.actor);
            }
            settled.captured += captured;
        }
        if let Some(amount) = effect.refund {
            self.refunds.push(Refund::of(operation, amount));
        }
    }

    async fn write(&self, tx: &Tx, now: Timestamp) -> Result<(), DbError> {
        let tallies: Vec<&Tally> = self.payments.values().filter(|payment| payment.changed).collect();
        let changed: Vec<&OpenOperation> = self.changed.iter().map(|key| &self.operations[key]).collect();
        let mut kept = Vec::new();
        let mut ended = Vec::new();
        for (key, lease) in &self.leases {
            if !self.changed.contains(key) {
                continue;
            }
            match self.operations[key].lease {
                Some(lease) => kept.push((*key, lease)),
                None => ended.push((*key, *lease)),
            }
        }
        let refunds: Vec<NewOperation<'_>> = self.refunds.iter().map(Refund::operation).collect();
        let refunds_in_flight: Vec<NewInFlight<'_>> =
            self.refunds.iter().map(|refund| refund.in_flight(now)).collect();
        future::try_join4(
            payments::update(tx, now, &tallies),
            future::try_join(operations::update(tx, &changed), operations::insert(tx, now, &refunds)),
            future::try_join3(
                in_flight::update(tx, &kept),
                in_flight::delete(tx, &ended),
                in_flight::insert(tx, now, &refunds_in_flight),
            ),
            future::try_join(
                idempotency::finish(tx, &self.finished),
                idempotency::free_stored(tx, &self.freed),
            ),
        )
        .await
        .map(drop)
    }
}

fn finished(operation: &OpenOperation, refusal: Option<Refusal>) -> Finished {
    Finished {
        merchant: operation.merchant_id.uuid(),
        scope: operation.key_scope.clone(),
        key: operation.key.clone(),
        refusal,
    }
}

/// Money that arrived for an order that takes none any more goes back by itself. Written down with the capture; nothing
/// executes refunds yet, so the row waits, and keeps its order marked as having money in flight.
struct Refund {
    attempt: Attempt,
    key: IdempotencyKey,
}

/// The scope of keys that the system derives for itself, as it is stored.
const SYSTEM_SCOPE: &str = "system";

/// Who asked for refunds that happen by themselves.
const SYSTEM_ACTOR: &str = "system:late-capture";

impl Refund {
    fn of(capture: &OpenOperation, amount: i64) -> Self {
        let text = format!("late-capture/{}", capture.operation_id);
        let key = IdempotencyKey::parse(&text).expect("42 printable characters");
        let kind = operation::Kind::Refund;
        let attempt = Attempt {
            operation_id: OperationId::mint_beside(capture.payment_id),
            merchant_id: capture.merchant_id,
            payment_id: capture.payment_id,
            order_id: capture.order_id,
            amount: Money::new(capture.amount.currency, amount),
            provider_key: super::provider_key::derive(capture.merchant_id, capture.payment_id, kind, &key),
            method_token: String::new(),
            lease_token: Uuid::new_v4(),
            created_time: Timestamp::UNIX_EPOCH,
        };
        Self { attempt, key }
    }

    fn operation(&self) -> NewOperation<'_> {
        NewOperation {
            attempt: &self.attempt,
            kind: operation::Kind::Refund,
            key_scope: SYSTEM_SCOPE,
            key: self.key.as_bytes(),
            actor: SYSTEM_ACTOR,
        }
    }

    fn in_flight(&self, now: Timestamp) -> NewInFlight<'_> {
        NewInFlight { attempt: &self.attempt, lease_until: now, next_check_at: NEVER }
    }
}
