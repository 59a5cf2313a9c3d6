//! Typed ids: a `UUIDv7` inside, a `TypeID` outside (`ord_01h45...`), so that the type is in the name.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use uuid::Uuid;

use crate::clock::Timestamp;

/// What an id belongs to: the prefix that people see.
pub trait Kind: Copy + Eq + Ord + std::hash::Hash + fmt::Debug + Send + Sync + 'static {
    /// Prefix without the underscore, for example `ord`.
    const PREFIX: &'static str;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident, $alias:ident, $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name;
        impl Kind for $name { const PREFIX: &'static str = $prefix; }
        $(#[$doc])*
        pub type $alias = Id<$name>;
    )*};
}

// Alphabetical; a prefix is never given a second meaning.
kinds! {
    /// An event of the event log.
    Event, EventId, "evt";
    /// A merchant, the tenant.
    Merchant, MerchantId, "mer";
    /// A row of the movement ledger.
    Movement, MovementId, "mov";
    /// An operation that moves money.
    Operation, OperationId, "op";
    /// An order.
    Order, OrderId, "ord";
    /// A payment.
    Payment, PaymentId, "pay";
    /// A product.
    Product, ProductId, "prd";
    /// A reservation that belongs to no order.
    Reservation, ReservationId, "rsv";
    /// A stock keeping unit.
    Sku, SkuId, "sku";
}

/// An id of one kind. Two kinds are two types, and parsing one as the other is refused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id<K: Kind> {
    uuid: Uuid,
    kind: PhantomData<K>,
}

impl<K: Kind> Id<K> {
    /// A fresh id whose time part is `now`, the accepting process's wall clock.
    #[must_use]
    pub fn mint(now: Timestamp) -> Self {
        Self::from_uuid(v7(unix_ms(now)))
    }

    /// A fresh id that carries the 48-bit time prefix of `family`, so that both lie in one month's partitions.
    #[must_use]
    pub fn mint_beside<F: Kind>(family: Id<F>) -> Self {
        Self::from_uuid(v7(family.unix_ms()))
    }

    /// Wraps a UUID that is known to be of this kind, for example one read from its table.
    #[must_use]
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self { uuid, kind: PhantomData }
    }

    /// The UUID, as the database stores it.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.uuid
    }

    /// The time prefix: milliseconds since 1970.
    #[must_use]
    pub fn unix_ms(self) -> u64 {
        let bytes = self.uuid.as_bytes();
        bytes[..6].iter().fold(0, |ms, byte| (ms << 8) | u64::from(*byte))
    }
}

fn unix_ms(at: Timestamp) -> u64 {
    u64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or_default()
}

fn v7(unix_ms: u64) -> Uuid {
    let random = Uuid::new_v4();
    let mut tail = [0; 10];
    tail.copy_from_slice(&random.as_bytes()[6..]);
    uuid::Builder::from_unix_timestamp_millis(unix_ms, &tail).into_uuid()
}

// TypeID's suffix: 128 bits as 26 digits of Crockford's base 32, the first digit at most 7.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.uuid.as_u128();
        let mut text = [0_u8; 26];
        for (place, digit) in text.iter_mut().rev().enumerate() {
            *digit = DIGITS[usize::try_from((bits >> (5 * place)) & 31).unwrap_or_default()];
        }
        write!(f, "{}_{}", K::PREFIX, std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is no id of the kind that was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// The prefix is another kind's, or none.
    #[error("must start with \"{expected}_\"")]
    Prefix {
        /// The prefix that was expected.
        expected: &'static str,
    },
    /// What follows the prefix is no `TypeID` suffix.
    #[error("must be \"{expected}_\" followed by 26 characters of 0-9 and a-z without i, l, o, u")]
    Suffix {
        /// The prefix that was expected.
        expected: &'static str,
    },
}

impl<K: Kind> FromStr for Id<K> {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let suffix = text
            .strip_prefix(K::PREFIX)
            .and_then(|rest| rest.strip_prefix('_'))
            .ok_or(ParseError::Prefix { expected: K::PREFIX })?;
        let malformed = ParseError::Suffix { expected: K::PREFIX };
        if suffix.len() != 26 || suffix.as_bytes()[0] > b'7' {
            return Err(malformed);
        }
        let mut bits = 0_u128;
        for byte in suffix.bytes() {
            let digit = DIGITS.iter().position(|digit| *digit == byte).ok_or_else(|| malformed.clone())?;
            bits = (bits << 5) | digit as u128;
        }
        Ok(Self::from_uuid(Uuid::from_u128(bits)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shows_and_reads_the_vector_of_the_typeid_specification() {
        let uuid: Uuid = "0188bac7-4afa-78aa-bc3b-bd1eef28d881".parse().expect("a UUID");
        let id = Id::<Order>::from_uuid(uuid);
        assert_eq!(id.to_string(), "ord_01h2xcejqtf2nbrexx3vqjhp41");
        assert_eq!("ord_01h2xcejqtf2nbrexx3vqjhp41".parse(), Ok(id));
    }

    #[test]
    fn refuses_another_kinds_id_and_a_malformed_suffix() {
        let prefix = ParseError::Prefix { expected: "ord" };
        assert_eq!("pay_01h2xcejqtf2nbrexx3vqjhp41".parse::<OrderId>(), Err(prefix));
        for text in [
            "ord_01h2xcejqtf2nbrexx3vqjhp4",
            "ord_81h2xcejqtf2nbrexx3vqjhp41",
            "ord_01H2XCEJQTF2NBREXX3VQJHP41",
        ] {
            assert_eq!(text.parse::<OrderId>(), Err(ParseError::Suffix { expected: "ord" }), "{text}");
        }
    }

    #[test]
    fn an_id_minted_beside_another_shares_its_time_prefix_only() {
        let order = OrderId::mint(Timestamp::UNIX_EPOCH + time::Duration::days(20_000));
        let payment = PaymentId::mint_beside(order);
        assert_eq!(payment.unix_ms(), order.unix_ms());
        assert_ne!(payment.uuid(), order.uuid());
        assert_eq!(payment.uuid().get_version_num(), 7);
    }

    proptest! {
        #[test]
        fn every_id_reads_back_what_it_shows(bits: u128) {
            let id = SkuId::from_uuid(Uuid::from_u128(bits));
            prop_assert_eq!(id.to_string().parse(), Ok(id));
        }
    }
}
