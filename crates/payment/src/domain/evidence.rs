//! What an attempt taught about an operation: the provider's word in this context's terms.

use std::time::Duration;

use kernel::Money;

/// What is known after an attempt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Evidence {
    /// Money moved. A fact: it is booked whatever else holds.
    Moved {
        /// The provider's own id of the movement.
        reference: String,
        /// What moved.
        amount: Money,
    },
    /// The provider refused for good; nothing moved under this key and nothing will.
    Declined {
        /// The provider's category, for example `insufficient_funds`.
        category: String,
        /// The provider's own code.
        code: String,
        /// The provider's id of the attempt; empty when it gave none.
        reference: String,
        /// What the caller can do, for example `OTHER_METHOD`.
        advice: &'static str,
    },
    /// It is not known whether money moved.
    Ambiguous,
    /// This attempt was certainly not executed.
    NotExecuted {
        /// True when the provider asked to slow down, false when it could not be reached.
        throttled: bool,
        /// How long the provider wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// The provider may have forgotten the key: asking again could move the money twice.
    KeyExpired,
}

impl Evidence {
    /// The provider's reference of money that moved: it belongs to one operation for ever.
    #[must_use]
    pub fn reference(&self) -> Option<&str> {
        match self {
            Self::Moved { reference, .. } => Some(reference),
            _ => None,
        }
    }
}
