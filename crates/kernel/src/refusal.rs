//! Refusals: what a command answers when it does not do what was asked. Free of transport; the gRPC server turns one
//! into a status in one place, and a money method's refusal is stored under its key as it stands here.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::reason::Reason;

/// Most violations and short lines listed in one answer; a count says how many more there are.
pub const LISTED_MAX: usize = 40;

/// Why a call was refused, with all a caller needs to do better.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Refusal {
    /// The machine-readable reason.
    pub reason: Reason,
    /// One sentence for people. Never SQL, never another tenant's data.
    pub message: String,
    /// Facts by name, for example `from`, `to`, `allowed`.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// The bad fields, for [`Reason::ValidationFailed`] and its kin.
    #[serde(default)]
    pub violations: Vec<Violation>,
    /// What was missing, or what is in the way.
    #[serde(default)]
    pub resource: Option<Resource>,
    /// When a repetition makes sense, in milliseconds.
    #[serde(default)]
    pub retry_after_ms: Option<u64>,
    /// The short lines, for [`Reason::InsufficientStock`] and [`Reason::ReservationExpired`].
    #[serde(default)]
    pub shortage: Vec<ShortLine>,
    /// True when this answer was given to the same key before.
    #[serde(default)]
    pub replayed: bool,
    /// True when what is missing is the very thing the call is about ([`Refusal::not_found`]), not one that its request
    /// mentions on the way: an unknown SKU is `NOT_FOUND` to a read and `FAILED_PRECONDITION` to a checkout.
    #[serde(default)]
    pub subject_missing: bool,
}

/// One bad field.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Violation {
    /// Path of the field as in the contract, for example `lines[3].quantity`.
    pub field: String,
    /// What is wrong and what would be right.
    pub description: String,
}

/// A resource by type and name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Resource {
    /// Type, for example `order`.
    pub kind: String,
    /// Its id or code.
    pub name: String,
}

/// A SKU at a location that has less than was wanted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ShortLine {
    /// The SKU's id.
    pub sku_id: String,
    /// The merchant's code of it.
    pub sku_code: String,
    /// The location.
    pub location: String,
    /// Units wanted.
    pub wanted: i64,
    /// Units available.
    pub available: i64,
}

impl Refusal {
    /// A refusal with a reason and a sentence.
    #[must_use]
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self {
            reason,
            message: message.into(),
            metadata: BTreeMap::new(),
            violations: Vec::new(),
            resource: None,
            retry_after_ms: None,
            shortage: Vec::new(),
            replayed: false,
            subject_missing: false,
        }
    }

    /// Adds a fact.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.metadata.insert(name.to_owned(), value.to_string());
        self
    }

    /// Names the resource concerned.
    #[must_use]
    pub fn about(mut self, kind: &str, name: impl fmt::Display) -> Self {
        self.resource = Some(Resource { kind: kind.to_owned(), name: name.to_string() });
        self
    }

    /// Says when to try again.
    #[must_use]
    pub fn retry_after(mut self, after: std::time::Duration) -> Self {
        self.retry_after_ms = Some(u64::try_from(after.as_millis()).unwrap_or(u64::MAX));
        self
    }

    /// Lists the short lines.
    #[must_use]
    pub fn short_of(mut self, lines: Vec<ShortLine>) -> Self {
        self.shortage = lines;
        self
    }

    /// The same refusal, marked as given before.
    #[must_use]
    pub fn replayed(mut self) -> Self {
        self.replayed = true;
        self
    }

    /// The call's own subject is missing, or another tenant's: the two are not told apart. For a missing thing that a
    /// request only mentions (a SKU of an order's line) use [`Refusal::new`] and [`Refusal::about`].
    #[must_use]
    pub fn not_found(reason: Reason, kind: &str, name: impl fmt::Display) -> Self {
        let message = format!("{kind} {name} does not exist for this merchant");
        Self { subject_missing: true, ..Self::new(reason, message).about(kind, name) }
    }

    /// A defect: the cause is logged where it is found and never shown.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(Reason::Internal, "internal error; the trace id finds it in the logs")
    }

    /// A full queue or pool.
    #[must_use]
    pub fn overloaded() -> Self {
        Self::new(Reason::Overloaded, "too much work is waiting; nothing was done")
            .retry_after(std::time::Duration::from_millis(500))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason.as_str(), self.message)
    }
}

impl std::error::Error for Refusal {}
