//! The test payment methods, by the names Stripe gave them, and how each ends.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// Why an issuer said no, in the provider's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Decline {
    pub(crate) code: Cow<'static, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) decline_code: Option<Cow<'static, str>>,
    pub(crate) message: Cow<'static, str>,
}

/// How a payment with this method ends: paid or declined. `None` if there is no such method.
pub(crate) fn verdict(method: &str) -> Option<Result<(), Decline>> {
    let declined = |code, decline_code: Option<&'static str>, message| {
        let (code, message) = (Cow::Borrowed(code), Cow::Borrowed(message));
        Some(Err(Decline { code, decline_code: decline_code.map(Cow::Borrowed), message }))
    };
    let no = "Your card was declined.";
    match method {
        "pm_card_visa" | "pm_card_mastercard" => Some(Ok(())),
        "pm_card_chargeDeclined" => declined("card_declined", Some("generic_decline"), no),
        "pm_card_chargeDeclinedInsufficientFunds" => {
            declined("card_declined", Some("insufficient_funds"), "Your card has insufficient funds.")
        }
        "pm_card_chargeDeclinedLostCard" => declined("card_declined", Some("lost_card"), no),
        "pm_card_chargeDeclinedStolenCard" => declined("card_declined", Some("stolen_card"), no),
        "pm_card_chargeDeclinedExpiredCard" => declined("expired_card", None, "Your card has expired."),
        "pm_card_chargeDeclinedIncorrectCvc" => {
            declined("incorrect_cvc", None, "Your card's security code is incorrect.")
        }
        "pm_card_chargeDeclinedProcessingError" => declined(
            "processing_error",
            None,
            "An error occurred while processing your card. Try again in a little bit.",
        ),
        _ => None,
    }
}
