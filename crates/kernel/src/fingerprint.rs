//! Fingerprints: whether a key that comes back names the same request.

use sha2::{Digest, Sha256};

/// Version of the canonical form; stored with every fingerprint, so that a later form raises no false mismatch.
pub const VERSION: i16 = 1;

/// SHA-256 over version, method and the canonical semantic fields of a request; never over protobuf bytes, which
/// change with field order and with additions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Fingerprint(pub [u8; 32]);

/// Collects the fields of one request. Each field is length-prefixed, so that neighbours cannot run together.
pub struct Builder(Sha256);

impl Fingerprint {
    /// Starts the fingerprint of a call of `method` (its short name, for example `PlaceOrder`).
    #[must_use]
    pub fn of(method: &str) -> Builder {
        let mut builder = Builder(Sha256::new());
        builder.0.update(VERSION.to_be_bytes());
        builder.text(method)
    }
}

impl Builder {
    /// Adds bytes.
    #[must_use]
    pub fn bytes(mut self, value: &[u8]) -> Self {
        self.0.update((value.len() as u64).to_be_bytes());
        self.0.update(value);
        self
    }

    /// Adds a text.
    #[must_use]
    pub fn text(self, value: &str) -> Self {
        self.bytes(value.as_bytes())
    }

    /// Adds a number.
    #[must_use]
    pub fn number(self, value: i64) -> Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Adds a field that may be absent; absent differs from every value.
    #[must_use]
    pub fn optional<T>(self, value: Option<T>, add: impl FnOnce(Self, T) -> Self) -> Self {
        match value {
            Some(value) => add(self.bytes(&[1]), value),
            None => self.bytes(&[0]),
        }
    }

    /// Adds a list with its length.
    #[must_use]
    pub fn list<T>(self, items: impl ExactSizeIterator<Item = T>, add: impl FnMut(Self, T) -> Self) -> Self {
        let start = self.bytes(&(items.len() as u64).to_be_bytes());
        items.fold(start, add)
    }

    /// The fingerprint.
    #[must_use]
    pub fn finish(self) -> Fingerprint {
        Fingerprint(self.0.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_fields_absence_and_method_are_told_apart() {
        let a = Fingerprint::of("PlaceOrder").text("ab").text("c").finish();
        let b = Fingerprint::of("PlaceOrder").text("a").text("bc").finish();
        let c = Fingerprint::of("CancelOrder").text("ab").text("c").finish();
        assert_ne!(a, b);
        assert_ne!(a, c);
        let absent = Fingerprint::of("X").optional(None::<&str>, Builder::text).finish();
        let empty = Fingerprint::of("X").optional(Some(""), Builder::text).finish();
        assert_ne!(absent, empty);
    }
}
