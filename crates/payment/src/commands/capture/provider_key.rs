//! The key of an operation at the provider.

use data_encoding::BASE64URL_NOPAD;
use kernel::id::PaymentId;
use kernel::{IdempotencyKey, MerchantId};
use sha2::{Digest, Sha256};

use crate::domain::operation::Kind;

/// Derived from the caller's intent and nothing else: even if the database forgot a begun operation, the caller's retry
/// would meet the provider's own memory of it.
pub(crate) fn derive(merchant: MerchantId, payment: PaymentId, kind: Kind, key: &IdempotencyKey) -> String {
    let intent = format!("purser|{merchant}|{payment}|{}|{}", kind.as_str(), key.text());
    BASE64URL_NOPAD.encode(&Sha256::digest(intent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_same_for_one_intent_and_differs_between_intents() {
        let now = kernel::Timestamp::UNIX_EPOCH + time::Duration::days(20_000);
        let (merchant, payment) = (MerchantId::mint(now), PaymentId::mint(now));
        let key = |text: &str| IdempotencyKey::parse(text).expect("valid");
        let one = derive(merchant, payment, Kind::Capture, &key("first-key-of-sixteen"));
        assert_eq!(one.len(), 43);
        assert_eq!(one, derive(merchant, payment, Kind::Capture, &key("first-key-of-sixteen")));
        assert_ne!(one, derive(merchant, payment, Kind::Capture, &key("other-key-of-sixteen")));
        assert_ne!(one, derive(merchant, payment, Kind::Refund, &key("first-key-of-sixteen")));
        assert_ne!(one, derive(merchant, PaymentId::mint(now), Kind::Capture, &key("first-key-of-sixteen")));
    }
}
