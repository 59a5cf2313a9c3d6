//! TX1 of a capture: the key, the intent and the pinned hold, before the provider is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::future;
use kernel::fingerprint::Builder;
use kernel::id::{OperationId, PaymentId};
use kernel::{Fingerprint, Id, IdempotencyKey, MerchantId, Money, OrderId, Refusal, Timestamp};
use platform::db::{DbError, Tx};
use platform::group_commit::{Command, Kind, Verdict};
use platform::idempotency::{self, Claim, Claimed, Earlier, Finished, Outcome, Scope, Start};
use platform::sql::Sql;
use uuid::Uuid;

use super::{CaptureRequest, Limits};
use crate::domain::attempt::Attempt;
use crate::domain::begin::{Decision, begin};
use crate::domain::operation;
use crate::domain::refusals;
use crate::domain::tally::Tally;
use crate::orders::{Orders, Pinned, Standing};
use crate::store::in_flight::{self, NewInFlight};
use crate::store::of_orders;
use crate::store::operations::{self, NewOperation, OperationKey};
use crate::store::payments::{self, PaymentKey};

/// The method as keys know it.
pub(crate) const METHOD: &str = "CapturePayment";

/// A capture that is about to begin. Its ids are minted here, so that a second run uses the same.
#[derive(Debug)]
pub struct Begin {
    claim: Claim,
    merchant_id: MerchantId,
    payment_id: PaymentId,
    method_token: String,
    actor: String,
    provider_key: String,
    lease_token: Uuid,
}

impl Begin {
    /// The command of a validated request.
    #[must_use]
    pub fn new(request: CaptureRequest) -> Self {
        let CaptureRequest { merchant_id, key, payment_id, method_token, actor } = request;
        let operation_id = OperationId::mint_beside(payment_id);
        Self {
            provider_key: super::provider_key::derive(
                merchant_id,
                payment_id,
                operation::Kind::Capture,
                &key,
            ),
            claim: Claim {
                scope: Scope::merchant(merchant_id),
                fingerprint: fingerprint(merchant_id, payment_id, &method_token),
                key,
                method: METHOD,
                resource_id: operation_id.uuid(),
                start: Start::Open,
            },
            merchant_id,
            payment_id,
            method_token,
            actor,
            lease_token: Uuid::new_v4(),
        }
    }

    /// The operation that this request minted.
    #[must_use]
    pub const fn operation_id(&self) -> OperationId {
        Id::from_uuid(self.claim.resource_id)
    }

    /// The scope and key of the request.
    #[must_use]
    pub const fn key(&self) -> (&Scope, &IdempotencyKey) {
        (&self.claim.scope, &self.claim.key)
    }

    const fn payment_key(&self) -> PaymentKey {
        (self.payment_id, self.merchant_id)
    }

    const fn operation_key(&self) -> OperationKey {
        (self.operation_id(), self.merchant_id)
    }
}

fn fingerprint(merchant: MerchantId, payment: PaymentId, method_token: &str) -> Fingerprint {
    let id = |builder: Builder, id: Uuid| builder.bytes(id.as_bytes());
    id(id(Fingerprint::of(METHOD), merchant.uuid()), payment.uuid()).text(method_token).finish()
}

impl Command for Begin {
    fn merchant(&self) -> MerchantId {
        self.merchant_id
    }

    fn claim(&self) -> Option<&Claim> {
        Some(&self.claim)
    }

    fn lines(&self) -> usize {
        1
    }
}

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

/// What is decided about one command, and what that means for its key.
enum Step {
    /// Decided by an earlier request; nothing is written.
    Earlier(Verdict<Begun>),
    /// Begins now.
    Begins(Attempt),
    /// Refused for good: written under the key.
    Stored(Refusal),
    /// Refused for now: the key is freed.
    Freed(Refusal),
    /// A row is locked elsewhere: the key is freed and claimed again in the slow lane.
    Busy,
}

impl Step {
    fn verdict(self) -> Verdict<Begun> {
        match self {
            Self::Earlier(verdict) => verdict,
            Self::Begins(attempt) => Verdict::Done(Begun::Started(attempt)),
            Self::Stored(refusal) | Self::Freed(refusal) => Verdict::Refused(refusal),
            Self::Busy => Verdict::Busy,
        }
    }
}

/// The commands whose keys were used before; `None` for the fresh ones.
async fn earlier(tx: &Tx, batch: &[Arc<Begin>], claimed: &[Claimed]) -> Result<Vec<Option<Step>>, DbError> {
    let mine: Vec<(OperationKey, Uuid)> = batch
        .iter()
        .zip(claimed)
        .filter(|(_, claimed)| matches!(claimed, Claimed::Mine(_)))
        .map(|(command, _)| (command.operation_key(), command.lease_token))
        .collect();
    let begun = operations::begun(tx, &mine).await?;
    let step = |(command, claimed): (&Arc<Begin>, &Claimed)| match claimed {
        Claimed::Fresh => None,
        Claimed::Busy => Some(Step::Earlier(Verdict::Busy)),
        Claimed::Reused(refusal) => Some(Step::Earlier(Verdict::Refused(refusal.clone()))),
        Claimed::Repeated(earlier) => Some(Step::Earlier(repeated(earlier))),
        // This very request, in a run whose COMMIT went through unheard: nothing is written again.
        Claimed::Mine(earlier) => {
            Some(Step::Earlier(match (&earlier.outcome, begun.get(&command.operation_key())) {
                (Outcome::Open, Some(attempt)) => Verdict::Done(Begun::Started(attempt.clone())),
                (Outcome::Refused(refusal), _) => Verdict::Refused((**refusal).clone()),
                (Outcome::Open | Outcome::Done, _) => Verdict::Done(Begun::Done(command.operation_id())),
            }))
        }
    };
    Ok(batch.iter().zip(claimed).map(step).collect())
}

fn repeated(earlier: &Earlier) -> Verdict<Begun> {
    let operation = Id::from_uuid(earlier.resource_id);
    match &earlier.outcome {
        Outcome::Open => Verdict::Replayed(Begun::Open(operation)),
        Outcome::Done => Verdict::Replayed(Begun::Done(operation)),
        Outcome::Refused(refusal) => Verdict::Refused((**refusal).clone().replayed()),
    }
}

/// The locked rows of a batch, as its commands leave them one after the other.
struct Scene {
    orders: BTreeMap<PaymentKey, OrderId>,
    standings: BTreeMap<(MerchantId, OrderId), Standing>,
    payments: BTreeMap<PaymentKey, Tally>,
    in_flight: BTreeMap<PaymentKey, OperationId>,
}

impl Scene {
    /// Locks orders, then payments, and then reads what is in flight: in this order nobody can begin or end meanwhile.
    async fn lock(
        tx: &Tx,
        port: &dyn Orders,
        batch: &[Arc<Begin>],
        fresh: &[usize],
        orders: &BTreeMap<PaymentKey, OrderId>,
    ) -> Result<Self, DbError> {
        let keys: BTreeSet<PaymentKey> = fresh.iter().map(|place| batch[*place].payment_key()).collect();
        let keys: Vec<PaymentKey> = keys.into_iter().filter(|key| orders.contains_key(key)).collect();
        let ids: BTreeSet<(MerchantId, OrderId)> = keys.iter().map(|key| (key.1, orders[key])).collect();
        let ids: Vec<(MerchantId, OrderId)> = ids.into_iter().collect();
        let mut scene = Self {
            orders: orders.clone(),
            standings: BTreeMap::new(),
            payments: BTreeMap::new(),
            in_flight: BTreeMap::new(),
        };
        if ids.is_empty() {
            return Ok(scene);
        }
        scene.standings = ids.iter().copied().zip(port.lock(tx, &ids).await?).collect();
        // A pipeline in this order: what is in flight is read behind the locks.
        let (payments, rows) =
            future::try_join(payments::lock(tx, &keys), of_orders::in_flight(tx, &ids)).await?;
        scene.payments = payments;
        let blocking = |row: &tokio_postgres::Row| {
            let key = (Id::from_uuid(row.get("payment_id")), Id::from_uuid(row.get("merchant_id")));
            (key, Id::from_uuid(row.get("operation_id")))
        };
        scene.in_flight = rows.iter().map(blocking).collect();
        Ok(scene)
    }

    /// Decides one command and leaves the payment as the next command of the batch must see it.
    fn decide(&mut self, command: &Begin) -> Step {
        let key = command.payment_key();
        let Some(order) = self.orders.get(&key) else {
            return Step::Freed(refusals::not_found(command.payment_id));
        };
        let standing = self.standings.get(&(command.merchant_id, *order)).copied();
        let (Some(standing), Some(payment)) = (standing, self.payments.get_mut(&key)) else {
            return Step::Busy;
        };
        match begin(payment, standing, self.in_flight.get(&key).copied()) {
            Decision::Busy => Step::Busy,
            Decision::Refused(refusal) => Step::Stored(refusal),
            Decision::NotNow(refusal) => Step::Freed(refusal),
            Decision::Begins(amount) => {
                self.in_flight.insert(key, command.operation_id());
                Step::Begins(Attempt {
                    operation_id: command.operation_id(),
                    merchant_id: command.merchant_id,
                    payment_id: command.payment_id,
                    order_id: payment.order_id,
                    amount: Money::new(payment.currency, amount),
                    provider_key: command.provider_key.clone(),
                    method_token: command.method_token.clone(),
                    lease_token: command.lease_token,
                    created_time: Timestamp::UNIX_EPOCH,
                })
            }
        }
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
        let mut tallies = Vec::new();
        let mut new_operations = Vec::new();
        let mut new_in_flight = Vec::new();
        let mut stored = Vec::new();
        let mut freed: Vec<&Claim> = Vec::new();
        for (command, step) in batch.iter().zip(steps) {
            match step {
                Step::Begins(attempt) => {
                    // One operation per payment begins in a batch, so each payment is written once.
                    tallies.push(&scene.payments[&command.payment_key()]);
                    new_operations.push(NewOperation {
                        attempt,
                        kind: operation::Kind::Capture,
                        key_scope: command.claim.scope.name(),
                        key: command.claim.key.as_bytes(),
                        actor: &command.actor,
                    });
                    new_in_flight.push(NewInFlight {
                        attempt,
                        lease_until: now + self.limits.lease,
                        next_check_at: now + self.limits.lease + self.limits.lease_margin,
                    });
                }
                Step::Stored(refusal) => stored.push(Finished {
                    merchant: command.claim.scope.merchant_uuid(),
                    scope: command.claim.scope.name().to_owned(),
                    key: command.claim.key.as_bytes().to_vec(),
                    refusal: Some(refusal.clone()),
                }),
                Step::Freed(_) | Step::Busy => freed.push(&command.claim),
                Step::Earlier(_) => {}
            }
        }
        future::try_join5(
            payments::update(tx, now, &tallies),
            operations::insert(tx, now, &new_operations),
            in_flight::insert(tx, now, &new_in_flight),
            idempotency::finish(tx, &stored),
            idempotency::free(tx, &freed),
        )
        .await
        .map(drop)
    }
}
