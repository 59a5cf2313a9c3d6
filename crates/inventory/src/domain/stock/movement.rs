//! Movements: one row of the append-only ledger for every change of a counter.

use super::{Counters, Owner, StockKey};

/// What happened to a stock row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MovementKind {
    /// Goods came in.
    Received,
    /// A count or a correction.
    Adjusted,
    /// Promised.
    Reserved,
    /// A promise was given back.
    Released,
    /// A promise ended by time.
    Expired,
    /// Shipped.
    Shipped,
}

impl MovementKind {
    /// The kind as it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "RECEIVED",
            Self::Adjusted => "ADJUSTED",
            Self::Reserved => "RESERVED",
            Self::Released => "RELEASED",
            Self::Expired => "EXPIRED",
            Self::Shipped => "SHIPPED",
        }
    }

    /// The kind that is stored as this text.
    #[must_use]
    pub fn stored(text: &str) -> Self {
        match text {
            "RECEIVED" => Self::Received,
            "RESERVED" => Self::Reserved,
            "RELEASED" => Self::Released,
            "EXPIRED" => Self::Expired,
            "SHIPPED" => Self::Shipped,
            _ => Self::Adjusted,
        }
    }
}

/// Why counters changed, with the counters afterwards.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Movement {
    /// The stock row.
    pub key: StockKey,
    /// What happened.
    pub kind: MovementKind,
    /// Change of on hand.
    pub on_hand_delta: i64,
    /// Change of reserved.
    pub reserved_delta: i64,
    /// The counters right after this movement.
    pub after: Counters,
    /// The order or reservation it was for.
    pub owner: Option<Owner>,
    /// Reason given by the caller, for receipts and adjustments.
    pub reason: String,
    /// Who caused it.
    pub actor: String,
}
