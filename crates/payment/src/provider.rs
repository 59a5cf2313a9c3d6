//! The seam to whoever moves the money: one call that captures, and what is known after it.
//!
//! A provider is called outside of any transaction. It must never know tables, operations' states or retries: it makes
//! one call and says what that call proves. Each adapter passes the conformance tests in `tests/it/provider.rs`.

pub mod stripe;

use std::fmt;
use std::time::Duration;

use futures::future::BoxFuture;
use kernel::id::{OperationId, PaymentId};
use kernel::{MerchantId, Money, OrderId};

/// A payment provider.
pub trait Provider: Send + Sync {
    /// The name under which operations and provider references are stored, for example `stripe`.
    fn name(&self) -> &'static str;

    /// How long the provider is trusted to answer a repeated key with the first result. An operation older than this
    /// is never sent again.
    fn key_window(&self) -> Duration;

    /// Takes the money, or repeats the first result of `provider_key`.
    ///
    /// Dropping the future does not take the money back: run it in a task of its own.
    fn capture(&self, request: CaptureRequest) -> BoxFuture<'_, Outcome>;
}

/// One capture. Sent again, every field but the deadline is the same.
#[derive(Clone, PartialEq, Eq)]
pub struct CaptureRequest {
    /// The provider's idempotency key of this operation: derived, never random.
    pub provider_key: String,
    /// What is to be taken; positive.
    pub amount: Money,
    /// The provider's token of the payer's method. Never logged.
    pub method_token: String,
    /// The merchant.
    pub merchant_id: MerchantId,
    /// The order.
    pub order_id: OrderId,
    /// The payment.
    pub payment_id: PaymentId,
    /// The operation.
    pub operation_id: OperationId,
    /// How long to wait for the whole answer.
    pub deadline: Duration,
}

impl fmt::Debug for CaptureRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CaptureRequest")
            .field("operation_id", &self.operation_id)
            .field("amount", &self.amount)
            .finish_non_exhaustive()
    }
}

/// What one call proves.
///
/// `Succeeded`, `Declined` and `Rejected` are definite for the operation: the provider answers the key with them. The
/// others leave it open, to be sent again with the same key. `Throttled` and `NotSent` prove only that this call
/// executed nothing; an earlier call with the same key may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Money moved.
    Succeeded {
        /// The provider's id of what moved it.
        provider_reference: String,
        /// What really moved. It may differ from the request in amount and currency, and is a fact nevertheless.
        amount: Money,
    },
    /// The issuer said no; no money moved.
    Declined {
        /// Why, in words shared by all providers, for example `insufficient_funds`.
        category: String,
        /// Why, in the provider's own code.
        code: String,
        /// What the payer may try.
        advice: Advice,
        /// The provider's id of the attempt.
        provider_reference: Option<String>,
    },
    /// The provider refused the request itself; no money moved, and the same request will never move any.
    Rejected {
        /// The provider's code.
        code: String,
        /// The provider's words.
        message: String,
    },
    /// Too many calls; this one executed nothing.
    Throttled {
        /// How long to wait before the same key is sent again.
        retry_after: Duration,
    },
    /// The call did not get in (no connection, no credential); this one executed nothing.
    NotSent {
        /// What happened, for logs.
        detail: String,
    },
    /// Something was sent and no definite answer came: money may have moved.
    Ambiguous {
        /// What happened, for logs.
        detail: String,
    },
}

/// What a payer may try after a decline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// The same method, later.
    RetryLater,
    /// Another method, or this one with corrected details.
    OtherMethod,
    /// Nothing: the issuer does not want another attempt.
    DoNotRetry,
}

impl Advice {
    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RetryLater => "RETRY_LATER",
            Self::OtherMethod => "OTHER_METHOD",
            Self::DoNotRetry => "DO_NOT_RETRY",
        }
    }
}
