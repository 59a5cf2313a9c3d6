//! Ids, keys and texts.

use std::ops::RangeInclusive;

use kernel::key::KeyError;
use kernel::{Id, IdempotencyKey, Reason};
use uuid::Uuid;

use super::{Fields, KEY};

/// The location of a request that names none.
pub const LOCATION_DEFAULT: &str = "main";

impl Fields {
    /// A required id of one kind.
    pub fn id<K: kernel::id::Kind>(&mut self, field: &str, text: &str) -> Id<K> {
        text.parse().unwrap_or_else(|error: kernel::id::ParseError| {
            match text {
                "" => self.missing(field),
                _ => self.violation(field, error),
            }
            Id::from_uuid(Uuid::nil())
        })
    }

    /// An id of one kind, or `None` for the empty text.
    pub fn optional_id<K: kernel::id::Kind>(&mut self, field: &str, text: &str) -> Option<Id<K>> {
        (!text.is_empty()).then(|| self.id(field, text))
    }

    /// The required field `idempotency_key`.
    pub fn key(&mut self, text: &str) -> IdempotencyKey {
        IdempotencyKey::parse(text).unwrap_or_else(|error| {
            self.violation(KEY, error);
            self.key = Some(match error {
                KeyError::Missing => Reason::IdempotencyKeyRequired,
                KeyError::Malformed => Reason::IdempotencyKeyInvalid,
            });
            IdempotencyKey::parse("no key: the request is refused").expect("30 printable characters")
        })
    }

    /// A text for people: so many characters, no control characters (a NUL could not even be stored). The lower bound 0
    /// makes it optional.
    pub fn text(&mut self, field: &str, text: &str, chars: RangeInclusive<usize>) -> String {
        // Bytes bound characters from above and below, so that an overlong text is not counted through.
        let len = if text.len() > chars.end() * 4 { text.len() } else { text.chars().count() };
        let (least, most) = (chars.start(), chars.end());
        if text.is_empty() && *least > 0 {
            self.missing(field);
        } else if !chars.contains(&len) {
            self.violation(field, format_args!("must have {least} to {most} characters"));
        } else if text.chars().any(char::is_control) {
            self.violation(field, "must not contain control characters");
        } else if *least > 0 && text.trim().is_empty() {
            self.violation(field, "must not be blank");
        } else {
            return text.to_owned();
        }
        String::new()
    }

    /// A text that identifies something (a customer, a client reference, a SKU code, a tracking number): as
    /// [`Fields::text`], and without spaces at its ends, which nobody sees.
    pub fn reference(&mut self, field: &str, text: &str, chars: RangeInclusive<usize>) -> String {
        let text = self.text(field, text, chars);
        if text.trim().len() != text.len() {
            self.violation(field, "must not start or end with a space");
        }
        text
    }

    /// A code of a-z, 0-9 and the characters of `also`. The lower bound 0 makes it optional.
    pub fn code(&mut self, field: &str, text: &str, chars: RangeInclusive<usize>, also: &str) -> String {
        let right = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || also.contains(c);
        if chars.contains(&text.len()) && text.chars().all(right) {
            return text.to_owned();
        }
        if text.is_empty() {
            self.missing(field);
        } else {
            let (least, most) = chars.into_inner();
            let also: Vec<_> = also.chars().map(|c| format!("'{c}'")).collect();
            let also = also.join(" and ");
            self.violation(field, format_args!("must be {least} to {most} of a-z, 0-9, {also}"));
        }
        String::new()
    }

    /// A location's short code; the empty text means [`LOCATION_DEFAULT`].
    pub fn location(&mut self, field: &str, text: &str) -> String {
        match text {
            "" => LOCATION_DEFAULT.to_owned(),
            _ => self.code(field, text, 1..=32, "-_"),
        }
    }
}
