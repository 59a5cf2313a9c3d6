//! The one way from orders to the payment service: a port with two adapters. In process, or through the generated client
//! when the payment service runs apart, with the provider's credentials, on the same database.

use futures::future::BoxFuture;
use kernel::id::{OperationId, PaymentId};
use kernel::{IdempotencyKey, MerchantId, Refusal};
use tokio::time::Instant;

mod in_process;
mod remote;

pub use in_process::InProcess;
pub use remote::Remote;

/// A capture as the order service asks for it.
#[derive(Clone, Debug)]
pub struct Capture {
    /// The merchant.
    pub merchant_id: MerchantId,
    /// Derived from the order's key: the same order resumes the same capture.
    pub key: IdempotencyKey,
    /// The payment.
    pub payment_id: PaymentId,
    /// The provider's token of the payment method.
    pub method_token: String,
    /// Who asks.
    pub actor: String,
}

/// A capture that took place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Captured {
    /// The operation.
    pub operation_id: OperationId,
    /// True when it took place before, under the same key.
    pub replayed: bool,
}

/// Captures payments, wherever that is done.
pub trait Payments: Send + Sync + 'static {
    /// Captures what is open of a payment.
    ///
    /// The refusal is the payment service's own; a service that cannot be reached is `PAYMENT_OUTCOME_UNKNOWN` unless it is
    /// certain that nothing was sent.
    fn capture(
        &self,
        capture: Capture,
        deadline: Option<Instant>,
    ) -> BoxFuture<'_, Result<Captured, Refusal>>;
}
