//! The locked rows of a batch of captures, and the fold over them in arrival order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::future;
use kernel::id::OperationId;
use kernel::{Id, MerchantId, Money, OrderId, Refusal, Timestamp};
use platform::db::{DbError, Tx};
use platform::group_commit::Verdict;

use super::{Begin, Begun};
use crate::domain::attempt::Attempt;
use crate::domain::begin::{Decision, begin};
use crate::domain::refusals;
use crate::domain::tally::Tally;
use crate::orders::{Orders, Standing};
use crate::store::of_orders;
use crate::store::payments::{self, PaymentKey};

/// What is decided about one command, and what that means for its key.
pub(super) enum Step {
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
    pub(super) fn verdict(self) -> Verdict<Begun> {
        match self {
            Self::Earlier(verdict) => verdict,
            Self::Begins(attempt) => Verdict::Done(Begun::Started(attempt)),
            Self::Stored(refusal) | Self::Freed(refusal) => Verdict::Refused(refusal),
            Self::Busy => Verdict::Busy,
        }
    }
}

/// The locked rows of a batch, as its commands leave them one after the other.
pub(super) struct Scene {
    orders: BTreeMap<PaymentKey, OrderId>,
    standings: BTreeMap<(MerchantId, OrderId), Standing>,
    pub(super) payments: BTreeMap<PaymentKey, Tally>,
    in_flight: BTreeMap<PaymentKey, OperationId>,
}

impl Scene {
    /// Locks orders, then payments, and then reads what is in flight: in this order nobody can begin or end meanwhile.
    pub(super) async fn lock(
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
    pub(super) fn decide(&mut self, command: &Begin) -> Step {
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
