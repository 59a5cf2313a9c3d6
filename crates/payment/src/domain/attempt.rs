//! An operation that is being worked on: what the provider is asked, and who holds the lease.

use kernel::id::{OperationId, PaymentId};
use kernel::{MerchantId, Money, OrderId, Timestamp};
use uuid::Uuid;

use super::operation::{Kind, State};

/// What the provider is asked, by whoever holds the lease.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attempt {
    /// The operation.
    pub operation_id: OperationId,
    /// The merchant that is paid.
    pub merchant_id: MerchantId,
    /// The payment.
    pub payment_id: PaymentId,
    /// The order it pays.
    pub order_id: OrderId,
    /// How much.
    pub amount: Money,
    /// The key at the provider: the same for every attempt.
    pub provider_key: String,
    /// The provider's token of the payment method.
    pub method_token: String,
    /// Fencing token of the lease.
    pub lease_token: Uuid,
    /// When the operation was begun: the provider remembers the key for so long after its first use.
    pub created_time: Timestamp,
}

/// The lease of an operation whose outcome is not known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lease {
    /// Whoever knows it works on the operation.
    pub token: Uuid,
    /// Until when nobody else may.
    pub until: Timestamp,
    /// When the recovery worker looks.
    pub next_check_at: Timestamp,
    /// Attempts begun.
    pub attempts: i32,
    /// Attempts known not to have been executed by the provider.
    pub unexecuted: i32,
}

/// A locked operation, with its lease while its outcome is not known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenOperation {
    /// The operation.
    pub operation_id: OperationId,
    /// The merchant that is paid.
    pub merchant_id: MerchantId,
    /// The payment.
    pub payment_id: PaymentId,
    /// The order it pays.
    pub order_id: OrderId,
    /// What it does.
    pub kind: Kind,
    /// Where it stands.
    pub state: State,
    /// How much was asked for.
    pub amount: Money,
    /// The provider's own id of what it did.
    pub provider_reference: String,
    /// The error reason.
    pub failure_reason: String,
    /// The provider's category, or what a person has to look at.
    pub failure_category: String,
    /// Where the caller's key stands.
    pub key_scope: String,
    /// The caller's key as it is stored.
    pub key: Vec<u8>,
    /// Who asked for it.
    pub actor: String,
    /// When it was begun.
    pub created_time: Timestamp,
    /// When it ended.
    pub ended_time: Option<Timestamp>,
    /// The lease; none when the outcome is known.
    pub lease: Option<Lease>,
}
