//! A reservation: a promise of stock for a limited time that belongs to no order.

use kernel::id::ReservationId;
use kernel::{MerchantId, Timestamp};

use super::stock::{Location, Need, Owner, StockKey};

/// Where a reservation stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Stock is promised until it expires.
    Held,
    /// Given back.
    Released,
    /// Its time was over.
    Expired,
}

impl State {
    /// The state as it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "HELD",
            Self::Released => "RELEASED",
            Self::Expired => "EXPIRED",
        }
    }

    /// The state that is stored as this text.
    #[must_use]
    pub fn stored(text: &str) -> Self {
        match text {
            "HELD" => Self::Held,
            "RELEASED" => Self::Released,
            _ => Self::Expired,
        }
    }
}

/// Units of one SKU at one location.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// The SKU.
    pub sku_id: kernel::SkuId,
    /// The location.
    pub location: Location,
    /// Units, above zero.
    pub quantity: i64,
}

impl Line {
    /// The line as a need of a merchant's stock row.
    #[must_use]
    pub fn need(&self, merchant_id: MerchantId) -> Need {
        Need { key: self.key(merchant_id), quantity: self.quantity }
    }

    /// The stock row of the line.
    #[must_use]
    pub fn key(&self, merchant_id: MerchantId) -> StockKey {
        StockKey { sku_id: self.sku_id, location: self.location.clone(), merchant_id }
    }
}

/// A reservation as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reservation {
    /// Its id.
    pub reservation_id: ReservationId,
    /// The tenant.
    pub merchant_id: MerchantId,
    /// Where it stands in the database; see [`Reservation::state_at`].
    pub state: State,
    /// What was promised.
    pub lines: Vec<Line>,
    /// When it was made.
    pub created_time: Timestamp,
    /// When the promise ends by itself.
    pub expires_at: Timestamp,
    /// When it ended.
    pub ended_time: Option<Timestamp>,
}

impl Reservation {
    /// Where it stands for whoever asks: past its time it is expired, whether a worker has been there or not, because its
    /// stock may already be somebody else's.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> State {
        if self.state == State::Held && self.expires_at <= now { State::Expired } else { self.state }
    }

    /// The owner of its holds.
    #[must_use]
    pub const fn owner(&self) -> (MerchantId, Owner) {
        (self.merchant_id, Owner::Reservation(self.reservation_id))
    }
}
