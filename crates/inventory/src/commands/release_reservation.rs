//! `ReleaseReservation`: gives a promise back. What has ended already is left as it is.

use kernel::id::{EventId, ReservationId};
use kernel::{Fingerprint, IdempotencyKey, MerchantId, Timestamp};
use platform::idempotency::{Claim, Scope, Start};

use crate::domain::reservation::{Reservation, State};
use crate::store::reservations::Name;

/// A validated wish to give a reservation back.
#[derive(Debug)]
pub struct ReleaseReservation {
    /// The tenant.
    pub merchant_id: MerchantId,
    /// The reservation.
    pub reservation_id: ReservationId,
    /// Who caused it.
    pub actor: String,
    pub(super) claim: Claim,
}

impl ReleaseReservation {
    /// A release under `key`; `wall` is the accepting process's clock.
    #[must_use]
    pub fn new(
        merchant_id: MerchantId,
        key: IdempotencyKey,
        reservation_id: ReservationId,
        actor: String,
        wall: Timestamp,
    ) -> Self {
        let fingerprint =
            Fingerprint::of("ReleaseReservation").bytes(reservation_id.uuid().as_bytes()).finish();
        let claim = Claim {
            scope: Scope::merchant(merchant_id),
            key,
            fingerprint,
            method: "ReleaseReservation",
            // Not the reservation's id: two requests for it would take each other's claim for their own.
            resource_id: EventId::mint(wall).uuid(),
            start: Start::Done,
        };
        Self { merchant_id, reservation_id, actor, claim }
    }

    pub(super) const fn name(&self) -> Name {
        (self.merchant_id, self.reservation_id)
    }

    /// What a release makes of a reservation; `None` when it has ended already. One that is overdue is ended as expired,
    /// which is what reads have been saying of it.
    pub(super) fn ends(reservation: &Reservation, now: Timestamp) -> Option<State> {
        match (reservation.state, reservation.state_at(now)) {
            (State::Held, State::Held) => Some(State::Released),
            (State::Held, _) => Some(State::Expired),
            _ => None,
        }
    }

    /// Whether a release at `released_at` found the reservation at its end already.
    pub(super) fn was_no_op(reservation: &Reservation, released_at: Timestamp) -> bool {
        reservation.state != State::Released || reservation.ended_time != Some(released_at)
    }
}
