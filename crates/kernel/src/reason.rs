//! Error reasons: the machine-readable word of every refusal, on the wire as it stands here.

use serde::{Deserialize, Serialize};

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// Why a call was refused. docs/ERRORS.md explains each; a test holds the two together.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
        pub enum Reason {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl Reason {
            /// Every reason, in the order of docs/ERRORS.md.
            pub const ALL: &'static [Reason] = &[$(Reason::$name,)*];

            /// The word on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Reason::$name => $text,)* }
            }
        }
    };
}

reasons! {
    /// One or more fields are wrong; each is named.
    ValidationFailed = "VALIDATION_FAILED",
    /// The page token was altered or belongs to another query.
    PageTokenInvalid = "PAGE_TOKEN_INVALID",
    /// A mutating call without an idempotency key.
    IdempotencyKeyRequired = "IDEMPOTENCY_KEY_REQUIRED",
    /// The idempotency key has a wrong length or character.
    IdempotencyKeyInvalid = "IDEMPOTENCY_KEY_INVALID",
    /// The key named another request before.
    IdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED",
    /// The same request is still running elsewhere.
    IdempotencyInProgress = "IDEMPOTENCY_IN_PROGRESS",
    /// A price or an amount was stated by a caller that is not trusted to.
    PriceOverrideDenied = "PRICE_OVERRIDE_DENIED",
    /// No such merchant.
    MerchantNotFound = "MERCHANT_NOT_FOUND",
    /// No such product of this merchant.
    ProductNotFound = "PRODUCT_NOT_FOUND",
    /// No such SKU of this merchant.
    SkuNotFound = "SKU_NOT_FOUND",
    /// No stock was ever received there.
    StockNotFound = "STOCK_NOT_FOUND",
    /// No such reservation of this merchant.
    ReservationNotFound = "RESERVATION_NOT_FOUND",
    /// No such order of this merchant.
    OrderNotFound = "ORDER_NOT_FOUND",
    /// No such payment of this merchant.
    PaymentNotFound = "PAYMENT_NOT_FOUND",
    /// Another merchant has this code.
    MerchantCodeTaken = "MERCHANT_CODE_TAKEN",
    /// Another order of the merchant has this client reference.
    ClientReferenceTaken = "CLIENT_REFERENCE_TAKEN",
    /// Another shipment of the merchant has this tracking number.
    TrackingNumberTaken = "TRACKING_NUMBER_TAKEN",
    /// The SKU is retired.
    SkuInactive = "SKU_INACTIVE",
    /// The SKU has no price now.
    PriceNotFound = "PRICE_NOT_FOUND",
    /// The SKU has no price in the order's currency, or an amount is in another one.
    CurrencyMismatch = "CURRENCY_MISMATCH",
    /// The SKU tracks no stock, so none can be received or reserved.
    SkuNotTracked = "SKU_NOT_TRACKED",
    /// A SKU's stock tracking cannot change once it exists.
    SkuTrackingFixed = "SKU_TRACKING_FIXED",
    /// Less stock than wanted; the short lines are named.
    InsufficientStock = "INSUFFICIENT_STOCK",
    /// The hold ran out and its stock is gone; the short lines are named.
    ReservationExpired = "RESERVATION_EXPIRED",
    /// The total is not the one the caller expected.
    TotalChanged = "TOTAL_CHANGED",
    /// The order cannot go from its state to the wanted one.
    IllegalTransition = "ILLEGAL_TRANSITION",
    /// More units than the line has open.
    QuantityExceedsOpen = "QUANTITY_EXCEEDS_OPEN",
    /// An operation of the order's payment is in flight.
    OperationPending = "OPERATION_PENDING",
    /// The payment's state does not allow it.
    PaymentStateInvalid = "PAYMENT_STATE_INVALID",
    /// More than can be captured.
    AmountExceedsCapturable = "AMOUNT_EXCEEDS_CAPTURABLE",
    /// The provider declined.
    PaymentDeclined = "PAYMENT_DECLINED",
    /// It is not known whether the money moved: repeat with the same key.
    PaymentOutcomeUnknown = "PAYMENT_OUTCOME_UNKNOWN",
    /// The provider's answer contradicts what was asked; a person has to look.
    PaymentUnderReview = "PAYMENT_UNDER_REVIEW",
    /// The provider could not be reached; nothing was sent.
    ProviderUnavailable = "PROVIDER_UNAVAILABLE",
    /// The provider asks to slow down.
    ProviderThrottled = "PROVIDER_THROTTLED",
    /// Concurrent changes kept colliding.
    TransactionConflict = "TRANSACTION_CONFLICT",
    /// A queue or pool is full.
    Overloaded = "OVERLOADED",
    /// The service is not ready or is shutting down.
    Unavailable = "UNAVAILABLE",
    /// The call's deadline passed; its outcome is unknown: repeat with the same key.
    DeadlineExceeded = "DEADLINE_EXCEEDED",
    /// A defect of Purser.
    Internal = "INTERNAL",
}

impl Reason {
    /// True when the outcome of the call is not known to the caller: it must be repeated with the same key.
    #[must_use]
    pub const fn outcome_unknown(self) -> bool {
        matches!(self, Self::PaymentOutcomeUnknown | Self::DeadlineExceeded | Self::IdempotencyInProgress)
    }

    /// True when the same call with the same key may succeed later without any change.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        self.outcome_unknown()
            || matches!(
                self,
                Self::OperationPending
                    | Self::ProviderUnavailable
                    | Self::ProviderThrottled
                    | Self::TransactionConflict
                    | Self::Overloaded
                    | Self::Unavailable
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reasons with which the rows of the page's table of reasons begin.
    fn explained(page: &str) -> Vec<&str> {
        let (_, table) = page.split_once("| reason |").expect("the table of reasons");
        table.lines().filter_map(|row| row.strip_prefix("| `")?.split('`').next()).collect()
    }

    #[test]
    fn the_page_of_errors_explains_every_reason_once_in_order_and_no_other() {
        let reasons: Vec<&str> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
        assert_eq!(explained(include_str!("../../../docs/ERRORS.md")), reasons);
    }
}
