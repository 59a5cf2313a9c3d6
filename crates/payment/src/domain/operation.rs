//! One attempt to move money.

use kernel::id::OperationId;
use kernel::{Money, Timestamp};

use super::payment::states;

states! {
    /// What an operation does.
    Kind {
        /// Takes money.
        Capture = "CAPTURE",
        /// Gives money back.
        Refund = "REFUND",
    }
}

states! {
    /// Where an operation stands.
    State {
        /// Written down; the provider is being asked.
        Submitted = "SUBMITTED",
        /// The money moved.
        Succeeded = "SUCCEEDED",
        /// The money did not move, and will not under this operation.
        Failed = "FAILED",
        /// The provider answers later.
        Pending = "PENDING",
        /// It is not known whether the money moved.
        Unknown = "UNKNOWN",
        /// A person has to look.
        Review = "REVIEW",
    }
}

impl State {
    /// True when the outcome is known.
    #[must_use]
    pub const fn has_ended(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }
}

/// An operation as it is read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Operation {
    /// Its id, in the order's month.
    pub operation_id: OperationId,
    /// What it does.
    pub kind: Kind,
    /// Where it stands.
    pub state: State,
    /// How much.
    pub amount: Money,
    /// The provider's own id of what it did; empty until known.
    pub provider_reference: String,
    /// The error reason when it failed; empty otherwise.
    pub failure_reason: String,
    /// The provider's category of the failure, or what a person has to look at.
    pub failure_category: String,
    /// When it was begun.
    pub created_time: Timestamp,
    /// When it ended.
    pub ended_time: Option<Timestamp>,
}
