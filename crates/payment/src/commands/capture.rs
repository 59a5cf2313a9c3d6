//! Captures: [`begin`] (TX1), the provider's call, [`apply`] (TX2).
//!
//! What must never be: a transaction or a connection held while the provider is asked; a caller who hangs up between the
//! two transactions and takes the outcome with it; an unknown outcome told as a failure.

use kernel::id::{OperationId, PaymentId};
use kernel::{IdempotencyKey, MerchantId, Refusal};

use crate::domain::Payment;

pub mod apply;
pub mod begin;
pub(crate) mod call;
pub(crate) mod carry_out;
pub(crate) mod limits;
pub(crate) mod provider_key;
pub(crate) mod resume;
pub(crate) mod running;

pub use limits::Limits;

/// A validated capture.
#[derive(Clone, Debug)]
pub struct CaptureRequest {
    /// The merchant that is paid.
    pub merchant_id: MerchantId,
    /// Names this intent.
    pub key: IdempotencyKey,
    /// The payment; all that is open of it is captured.
    pub payment_id: PaymentId,
    /// The provider's token of the payment method.
    pub method_token: String,
    /// Who asks.
    pub actor: String,
}

/// A capture that has happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Captured {
    /// The payment as it stands.
    pub payment: Payment,
    /// The operation that the key names.
    pub operation_id: OperationId,
    /// True when the key had been used before and no money was moved now.
    pub replayed: bool,
}

/// What a caller is told.
pub type Answer = Result<Captured, Refusal>;
