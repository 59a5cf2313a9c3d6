//! Idempotency keys: the caller's name for one intent.

use uuid::Uuid;

/// A key of 16 to 64 printable ASCII characters, in the form in which it is stored.
///
/// A lower-case hyphenated UUID is stored as its 16 bytes (time-ordered ones then cost a sixteenth of the write-ahead
/// log of random texts); any other text is stored as it is behind a zero byte, which no `UUIDv4` or v7 text can equal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdempotencyKey(Box<[u8]>);

/// Why a text is no idempotency key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// None was given.
    #[error("is required: name each intent by a key of its own, for example a UUIDv7")]
    Missing,
    /// Wrong length or characters.
    #[error("must be 16 to 64 printable ASCII characters without spaces at the ends")]
    Malformed,
}

impl IdempotencyKey {
    /// Checks and encodes a key.
    ///
    /// # Errors
    /// [`KeyError::Missing`] for an empty text, [`KeyError::Malformed`] for a wrong length or character.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        if text.is_empty() {
            return Err(KeyError::Missing);
        }
        let printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && text.trim() == text;
        if !(16..=64).contains(&text.len()) || !printable {
            return Err(KeyError::Malformed);
        }
        Ok(match Uuid::try_parse(text) {
            Ok(uuid) if uuid.hyphenated().to_string() == text => Self(Box::new(*uuid.as_bytes())),
            _ => Self(std::iter::once(0).chain(text.bytes()).collect()),
        })
    }

    /// The stored form.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text that the caller gave.
    #[must_use]
    pub fn text(&self) -> String {
        match (<[u8; 16]>::try_from(&*self.0), self.0.split_first()) {
            (Ok(bytes), _) => Uuid::from_bytes(bytes).hyphenated().to_string(),
            (_, Some((_, text))) => String::from_utf8_lossy(text).into_owned(),
            (_, None) => String::new(),
        }
    }
}

impl std::fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_a_uuid_as_its_bytes_and_any_other_text_as_given() {
        let uuid = "0188bac7-4afa-78aa-bc3b-bd1eef28d881";
        let key = IdempotencyKey::parse(uuid).expect("valid");
        assert_eq!((key.as_bytes().len(), key.text().as_str()), (16, uuid));
        for text in [
            "0188BAC7-4AFA-78AA-BC3B-BD1EEF28D881",
            "0188bac74afa78aabc3bbd1eef28d881",
            "online-retail/536365/place/1",
        ] {
            let key = IdempotencyKey::parse(text).expect("valid");
            assert_eq!((key.as_bytes().len(), key.text().as_str()), (text.len() + 1, text));
        }
    }

    #[test]
    fn refuses_what_is_missing_too_short_too_long_or_unprintable() {
        assert_eq!(IdempotencyKey::parse(""), Err(KeyError::Missing));
        for text in [
            "x".repeat(15),
            "x".repeat(65),
            "sixteen\u{e9}characters".into(),
            "tab\tseparated-key-text".into(),
            " leading-space-key-text".into(),
        ] {
            assert_eq!(IdempotencyKey::parse(&text), Err(KeyError::Malformed), "{text}");
        }
    }
}
