//! Stripe's decline codes, in the words shared by all providers.

use crate::provider::Advice::{self, DoNotRetry, OtherMethod, RetryLater};

/// What a decline means to the payer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Meaning {
    pub(super) category: &'static str,
    pub(super) advice: Advice,
}

/// Codes by meaning; each code stands once. Source: Stripe's table of decline codes and their next steps.
const MEANINGS: &[(&str, Advice, &[&str])] = &[
    ("insufficient_funds", OtherMethod, &["insufficient_funds"]),
    ("limit_exceeded", OtherMethod, &["card_velocity_exceeded", "withdrawal_count_limit_exceeded"]),
    ("expired_card", OtherMethod, &["expired_card"]),
    (
        "incorrect_details",
        OtherMethod,
        &[
            "incorrect_address",
            "incorrect_cvc",
            "incorrect_number",
            "incorrect_pin",
            "incorrect_zip",
            "invalid_cvc",
            "invalid_expiry_month",
            "invalid_expiry_year",
            "invalid_number",
            "invalid_pin",
        ],
    ),
    (
        "authentication_required",
        OtherMethod,
        &["authentication_not_handled", "authentication_required", "mobile_device_authentication_required"],
    ),
    (
        "not_supported",
        OtherMethod,
        &[
            "card_not_supported",
            "currency_not_supported",
            "invalid_account",
            "invalid_amount",
            "new_account_information_available",
            "not_permitted",
            "service_not_allowed",
            "testmode_decline",
            "transaction_not_allowed",
        ],
    ),
    (
        "temporary_failure",
        RetryLater,
        &[
            "approve_with_id",
            "issuer_not_available",
            "processing_error",
            "reenter_transaction",
            "try_again_later",
        ],
    ),
    ("lost_or_stolen", DoNotRetry, &["lost_card", "pickup_card", "restricted_card", "stolen_card"]),
    ("suspected_fraud", DoNotRetry, &["fraudulent", "merchant_blacklist", "security_violation"]),
    ("duplicate", DoNotRetry, &["duplicate_transaction"]),
    (
        "revoked",
        DoNotRetry,
        &[
            "do_not_try_again",
            "revocation_of_all_authorizations",
            "revocation_of_authorization",
            "stop_payment_order",
        ],
    ),
];

/// Issuers mostly do not say why; the next card may work.
const UNEXPLAINED: Meaning = Meaning { category: "declined", advice: OtherMethod };

/// The issuer's code decides; where it is missing or unknown, the provider's own.
pub(super) fn meaning(code: &str, decline_code: Option<&str>) -> Meaning {
    decline_code.and_then(look_up).or_else(|| look_up(code)).unwrap_or(UNEXPLAINED)
}

fn look_up(code: &str) -> Option<Meaning> {
    let (category, advice, _) = MEANINGS.iter().find(|(_, _, codes)| codes.contains(&code))?;
    Some(Meaning { category, advice: *advice })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_issuers_code_decides_then_the_providers_then_nothing() {
        let of = |code, decline_code| {
            let Meaning { category, advice } = meaning(code, decline_code);
            (category, advice)
        };
        assert_eq!(of("card_declined", Some("stolen_card")), ("lost_or_stolen", DoNotRetry));
        assert_eq!(of("expired_card", Some("news_of_next_year")), ("expired_card", OtherMethod));
        assert_eq!(of("processing_error", None), ("temporary_failure", RetryLater));
        assert_eq!(of("card_declined", Some("do_not_honor")), ("declined", OtherMethod));
        assert_eq!(of("card_declined", None), ("declined", OtherMethod));
    }

    #[test]
    fn no_code_has_two_meanings() {
        let mut codes: Vec<_> = MEANINGS.iter().flat_map(|(_, _, codes)| codes.iter()).collect();
        let all = codes.len();
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), all);
    }
}
