//! Checks the fields of a request and collects EVERY bad one, so that one answer names them all.
//!
//! Each method reads one field and returns its value, or a harmless placeholder when it is bad. The placeholders cannot
//! get out: a handler builds its command and hands it to [`Fields::finish`], which gives it back only if nothing was
//! wrong.
//!
//! ```ignore
//! let mut fields = Fields::new();
//! let command = ShipOrder {
//!     merchant_id: fields.id("merchant_id", &request.merchant_id),
//!     key: fields.key(&request.idempotency_key),
//!     lines: fields.each("lines", &request.lines, 0..=2_000, |fields, line| Line {
//!         quantity: fields.quantity("quantity", line.quantity, 1..=1_000_000),   // `lines[3].quantity`
//!     }),
//! };
//! let command = fields.finish(command)?;
//! ```

use std::fmt::{Display, Write};

use kernel::Reason;
use kernel::refusal::{LISTED_MAX, Refusal, Violation};

mod list;
mod number;
mod text;
mod time;

/// The field of every mutating request that names its intent.
pub const KEY: &str = "idempotency_key";

/// Collects violations. Memory is bounded: [`LISTED_MAX`] are kept, the rest are counted.
#[derive(Debug, Default)]
pub struct Fields {
    path: Vec<Segment>,
    violations: Vec<Violation>,
    unlisted: usize,
    key: Option<Reason>,
}

#[derive(Debug)]
enum Segment {
    Message(&'static str),
    Item(&'static str, usize),
}

impl Fields {
    /// Nothing read, nothing wrong.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Records that `field` of the message being read is bad. The description says what would be right.
    pub fn violation(&mut self, field: &str, description: impl Display) {
        if self.violations.len() == LISTED_MAX {
            self.unlisted += 1;
            return;
        }
        let field = self.path_of(field);
        self.violations.push(Violation { field, description: description.to_string() });
    }

    /// Records that a required message field is absent.
    pub fn missing(&mut self, field: &str) {
        self.violation(field, "is required");
    }

    /// Reads a nested message: inside, field names are relative to it.
    pub fn message<T>(&mut self, field: &'static str, read: impl FnOnce(&mut Self) -> T) -> T {
        self.within(Segment::Message(field), read)
    }

    /// True while nothing is wrong. For checks that need several good fields.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }

    /// Gives `value` back if every field was right.
    ///
    /// # Errors
    /// [`Reason::ValidationFailed`] with all bad fields; [`Reason::IdempotencyKeyRequired`] or
    /// [`Reason::IdempotencyKeyInvalid`] if the key is the only one.
    pub fn finish<T>(self, value: T) -> Result<T, Refusal> {
        match self.refusal() {
            Some(refusal) => Err(refusal),
            None => Ok(value),
        }
    }

    fn refusal(self) -> Option<Refusal> {
        let count = self.violations.len() + self.unlisted;
        let first = self.violations.first()?;
        let reason = self.key.filter(|_| count == 1).unwrap_or(Reason::ValidationFailed);
        let message = match count {
            1 => format!("{} {}", first.field, first.description),
            _ => format!("{count} fields are wrong; the first is {}: it {}", first.field, first.description),
        };
        let mut refusal = Refusal::new(reason, message);
        if self.unlisted > 0 {
            refusal = refusal.with("more", self.unlisted);
        }
        refusal.violations = self.violations;
        Some(refusal)
    }

    fn within<T>(&mut self, segment: Segment, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(segment);
        let value = read(self);
        self.path.pop();
        value
    }

    fn path_of(&self, field: &str) -> String {
        let mut path = String::new();
        for segment in &self.path {
            let written = match segment {
                Segment::Message(name) => write!(path, "{name}."),
                Segment::Item(name, index) => write!(path, "{name}[{index}]."),
            };
            written.expect("writing to a String cannot fail");
        }
        // An empty name is the message itself.
        path.push_str(field);
        if field.is_empty() { path.trim_end_matches('.').to_owned() } else { path }
    }
}

#[cfg(test)]
mod tests;
