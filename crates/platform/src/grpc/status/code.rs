//! Reason to gRPC code, exhaustively: a new reason does not compile until it has one.

use kernel::Reason;
use kernel::refusal::Refusal;
use tonic::Code;

/// The code of a refusal.
#[must_use]
pub fn code(refusal: &Refusal) -> Code {
    match refusal.reason {
        Reason::ValidationFailed
        | Reason::PageTokenInvalid
        | Reason::IdempotencyKeyRequired
        | Reason::IdempotencyKeyInvalid => Code::InvalidArgument,

        Reason::PriceOverrideDenied => Code::PermissionDenied,

        Reason::MerchantNotFound
        | Reason::ProductNotFound
        | Reason::StockNotFound
        | Reason::ReservationNotFound
        | Reason::OrderNotFound
        | Reason::PaymentNotFound => Code::NotFound,
        // A SKU that is read is missing; one that a request mentions is a condition that the catalogue does not meet.
        Reason::SkuNotFound if refusal.subject_missing => Code::NotFound,

        Reason::MerchantCodeTaken | Reason::ClientReferenceTaken | Reason::TrackingNumberTaken => {
            Code::AlreadyExists
        }

        Reason::SkuNotFound
        | Reason::SkuInactive
        | Reason::PriceNotFound
        | Reason::CurrencyMismatch
        | Reason::SkuNotTracked
        | Reason::SkuTrackingFixed
        | Reason::IdempotencyKeyReused
        | Reason::InsufficientStock
        | Reason::ReservationExpired
        | Reason::TotalChanged
        | Reason::IllegalTransition
        | Reason::QuantityExceedsOpen
        | Reason::PaymentStateInvalid
        | Reason::AmountExceedsCapturable
        | Reason::PaymentDeclined
        | Reason::PaymentUnderReview => Code::FailedPrecondition,

        Reason::IdempotencyInProgress | Reason::TransactionConflict | Reason::OperationPending => {
            Code::Aborted
        }

        Reason::PaymentOutcomeUnknown | Reason::ProviderUnavailable | Reason::Unavailable => {
            Code::Unavailable
        }
        Reason::ProviderThrottled | Reason::Overloaded => Code::ResourceExhausted,
        Reason::DeadlineExceeded => Code::DeadlineExceeded,
        Reason::Internal => Code::Internal,
    }
}
