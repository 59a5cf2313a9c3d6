//! The refund that a late capture causes by itself.

use kernel::id::OperationId;
use kernel::{IdempotencyKey, Money, Timestamp};
use uuid::Uuid;

use crate::commands::capture::provider_key;
use crate::domain::attempt::{Attempt, OpenOperation};
use crate::domain::operation;
use crate::domain::settle::NEVER;
use crate::store::in_flight::NewInFlight;
use crate::store::operations::NewOperation;

/// Money that arrived for an order that takes none any more goes back by itself. Written down with the capture; nothing
/// executes refunds yet, so the row waits, and keeps its order marked as having money in flight.
pub(super) struct Refund {
    attempt: Attempt,
    key: IdempotencyKey,
}

/// The scope of keys that the system derives for itself, as it is stored.
const SYSTEM_SCOPE: &str = "system";

/// Who asked for refunds that happen by themselves.
const SYSTEM_ACTOR: &str = "system:late-capture";

impl Refund {
    pub(super) fn of(capture: &OpenOperation, amount: i64) -> Self {
        let text = format!("late-capture/{}", capture.operation_id);
        let key = IdempotencyKey::parse(&text).expect("42 printable characters");
        let kind = operation::Kind::Refund;
        let attempt = Attempt {
            operation_id: OperationId::mint_beside(capture.payment_id),
            merchant_id: capture.merchant_id,
            payment_id: capture.payment_id,
            order_id: capture.order_id,
            amount: Money::new(capture.amount.currency, amount),
            provider_key: provider_key::derive(capture.merchant_id, capture.payment_id, kind, &key),
            method_token: String::new(),
            lease_token: Uuid::new_v4(),
            created_time: Timestamp::UNIX_EPOCH,
        };
        Self { attempt, key }
    }

    pub(super) fn operation(&self) -> NewOperation<'_> {
        NewOperation {
            attempt: &self.attempt,
            kind: operation::Kind::Refund,
            key_scope: SYSTEM_SCOPE,
            key: self.key.as_bytes(),
            actor: SYSTEM_ACTOR,
        }
    }

    pub(super) fn in_flight(&self, now: Timestamp) -> NewInFlight<'_> {
        NewInFlight { attempt: &self.attempt, lease_until: now, next_check_at: NEVER }
    }
}
