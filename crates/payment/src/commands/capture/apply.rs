//! TX2 of a capture: what the provider said, booked on payment, operation, key and order at once.
//!
//! Whoever learned something calls it: the caller's own task, a repetition of the call, the recovery worker. An outcome
//! that is known already changes nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::future;
use kernel::{MerchantId, OrderId, Refusal, Timestamp};
use platform::db::{DbError, Tx};
use platform::group_commit::{Command, Kind, Verdict};
use platform::idempotency::{self, Claim};
use platform::sql::Sql;

use crate::domain::attempt::Attempt;
use crate::domain::evidence::Evidence;
use crate::domain::payment::Payment;
use crate::orders::{Orders, Settled};
use crate::store::operations::{self, OperationKey};
use crate::store::payments::{self, PaymentKey};
use crate::store::{in_flight, references};

mod refund;
mod scene;

use scene::Scene;

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
            ..Scene::default()
        })
    }
}
