//! Stock of a SKU at a location: its counters, the promises against them, and the movements that explain every change.
//!
//! [`Fold`] is what a transaction knows of the stock rows it has locked. Commands are folded into it one after the other,
//! in arrival order, and each sees the row as the one before left it; what is written at the end is one final row per key.

use std::sync::Arc;

use kernel::id::ReservationId;
use kernel::{MerchantId, OrderId, SkuId, Timestamp};
use uuid::Uuid;

mod fold;
mod movement;

pub use fold::{Adjusting, Adjustment, Ended, Fold, Receiving, Torn};
pub use movement::{Movement, MovementKind};

/// Most units that a counter may reach; sums of a few of them can never overflow.
pub const UNITS_MAX: i64 = 1_000_000_000_000_000;

/// A location's short code. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Location(Arc<str>);

impl Location {
    /// A location by its code, which was checked when the request was read.
    #[must_use]
    pub fn new(code: &str) -> Self {
        Self(Arc::from(code))
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Location {
    fn from(code: &str) -> Self {
        Self::new(code)
    }
}

impl From<String> for Location {
    fn from(code: String) -> Self {
        Self(Arc::from(code))
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A stock row. The order is that of the primary key, in which the rows are locked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct StockKey {
    /// The SKU.
    pub sku_id: SkuId,
    /// The location.
    pub location: Location,
    /// The tenant.
    pub merchant_id: MerchantId,
}

/// Whose promise it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Owner {
    /// An order's.
    Order(OrderId),
    /// A reservation's that belongs to no order.
    Reservation(ReservationId),
}

impl Owner {
    /// The id without its kind.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        match self {
            Self::Order(id) => id.uuid(),
            Self::Reservation(id) => id.uuid(),
        }
    }

    /// The kind as it is stored.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Order(_) => "ORDER",
            Self::Reservation(_) => "RESERVATION",
        }
    }

    /// The owner that is stored as this kind and id.
    #[must_use]
    pub fn stored(kind: &str, id: Uuid) -> Self {
        if kind == "ORDER" {
            Self::Order(OrderId::from_uuid(id))
        } else {
            Self::Reservation(ReservationId::from_uuid(id))
        }
    }
}

impl std::fmt::Display for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Order(id) => id.fmt(f),
            Self::Reservation(id) => id.fmt(f),
        }
    }
}

/// Units wanted of one stock row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Need {
    /// The stock row.
    pub key: StockKey,
    /// Units, above zero.
    pub quantity: i64,
}

/// A stock row that has less than was wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Short {
    /// The stock row.
    pub key: StockKey,
    /// Units wanted, all needs of the command for this row together.
    pub wanted: i64,
    /// Units that could have been had.
    pub available: i64,
}

/// An open promise of units.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hold {
    /// Whose it is.
    pub owner: Owner,
    /// The tenant.
    pub merchant_id: MerchantId,
    /// The stock row it is held against.
    pub key: StockKey,
    /// Units, above zero.
    pub quantity: i64,
    /// When it ends by itself; `None` once committed.
    pub expires_at: Option<Timestamp>,
    /// True while money for it is in flight.
    pub pinned: bool,
}

/// The counters of a stock row, in units; none is ever negative.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counters {
    /// Physically there.
    pub on_hand: i64,
    /// Promised.
    pub reserved: i64,
    /// Kept back from sale.
    pub safety: i64,
    /// Promised beyond what is there, recorded by a forced adjustment.
    pub shortfall: i64,
}

impl Counters {
    /// Units that can be promised now, never below zero.
    #[must_use]
    pub fn available(&self) -> i64 {
        (self.on_hand - self.reserved - self.safety).max(0)
    }

    /// The shortfall never outlives its cause: it shrinks when stock comes in and when promises end.
    fn settle(&mut self) {
        self.shortfall = self.shortfall.min(self.reserved - self.on_hand).max(0);
    }
}

/// A stock row as it was locked.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct StockRow {
    /// Its counters.
    pub counters: Counters,
    /// How often it has changed: the guard of its update.
    pub seq: i64,
}

#[cfg(test)]
mod tests;
