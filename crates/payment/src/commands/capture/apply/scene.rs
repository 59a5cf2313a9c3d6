//! The locked rows of a batch of outcomes, the fold over them in arrival order, and what is written of them.

use std::collections::{BTreeMap, BTreeSet};

use futures::future;
use kernel::id::OperationId;
use kernel::{MerchantId, OrderId, Refusal, Timestamp};
use platform::db::{DbError, Locking, Tx};
use platform::group_commit::Verdict;
use platform::idempotency::{self, Finished, StoredKey};

use super::refund::Refund;
use super::{Applied, Apply};
use crate::domain::attempt::{Lease, OpenOperation};
use crate::domain::settle::{Effect, Key, Reference, Settlement, settle};
use crate::domain::tally::Tally;
use crate::orders::{Settled, Standing};
use crate::store::in_flight::{self, NewInFlight};
use crate::store::operations::{self, NewOperation, OperationKey};
use crate::store::payments::{self, PaymentKey};
use crate::store::references;

/// The locked rows of a batch, as its commands leave them one after the other, and what else is to be written.
#[derive(Default)]
pub(super) struct Scene {
    pub(super) references: BTreeMap<references::ReferenceKey, OperationId>,
    pub(super) standings: BTreeMap<(MerchantId, OrderId), Standing>,
    pub(super) payments: BTreeMap<PaymentKey, Tally>,
    pub(super) operations: BTreeMap<OperationKey, OpenOperation>,
    /// The leases as they were locked; the guard of what is written to them.
    pub(super) leases: BTreeMap<OperationKey, Lease>,
    pub(super) changed: BTreeSet<OperationKey>,
    pub(super) finished: Vec<Finished>,
    pub(super) freed: Vec<StoredKey>,
    pub(super) settled: BTreeMap<(MerchantId, OrderId), Settled>,
    pub(super) refunds: Vec<Refund>,
}

impl Scene {
    /// Applies one command and leaves the rows as the next command of the batch must see them.
    pub(super) fn apply(&mut self, command: &Apply, locking: Locking, now: Timestamp) -> Verdict<Applied> {
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

    pub(super) async fn write(&self, tx: &Tx, now: Timestamp) -> Result<(), DbError> {
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
