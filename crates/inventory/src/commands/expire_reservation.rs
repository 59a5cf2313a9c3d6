//! `ExpireReservation`: what the worker asks for when a reservation's time is over. It has no key; its guard is the state.

use kernel::id::ReservationId;
use kernel::{MerchantId, Timestamp};

use crate::domain::reservation::{Reservation, State};
use crate::store::reservations::Name;

/// A reservation whose time seems to be over.
#[derive(Debug)]
pub struct ExpireReservation {
    /// The tenant.
    pub merchant_id: MerchantId,
    /// The reservation.
    pub reservation_id: ReservationId,
    /// How many lines it has: its weight.
    pub lines: usize,
}

impl ExpireReservation {
    pub(super) const fn name(&self) -> Name {
        (self.merchant_id, self.reservation_id)
    }

    /// What expiry makes of a reservation; `None` when it has ended already or has time left.
    pub(super) fn ends(reservation: &Reservation, now: Timestamp) -> Option<State> {
        let overdue = reservation.state == State::Held && reservation.expires_at <= now;
        overdue.then_some(State::Expired)
    }
}
