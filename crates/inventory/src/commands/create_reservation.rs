//! `CreateReservation`: promises stock for a limited time without an order. All lines or none.

use std::time::Duration;

use kernel::id::ReservationId;
use kernel::{Fingerprint, IdempotencyKey, MerchantId, Refusal, Timestamp};
use platform::idempotency::{Claim, Scope, Start};

use super::refusals::{self, Codes};
use crate::domain::reservation::{Line, Reservation, State};
use crate::domain::stock::{Fold, Need, StockKey};

/// A validated wish for a reservation.
#[derive(Debug)]
pub struct CreateReservation {
    /// The reservation's id, minted by this request.
    pub reservation_id: ReservationId,
    /// The tenant.
    pub merchant_id: MerchantId,
    /// What is wanted; no SKU and location twice.
    pub lines: Vec<Line>,
    /// How long the promise holds.
    pub hold: Duration,
    /// Who caused it.
    pub actor: String,
    pub(super) claim: Claim,
}

impl CreateReservation {
    /// A reservation under `key`; `wall` is the accepting process's clock.
    #[must_use]
    pub fn new(
        merchant_id: MerchantId,
        key: IdempotencyKey,
        lines: Vec<Line>,
        hold: Duration,
        actor: String,
        wall: Timestamp,
    ) -> Self {
        let hold_ms = i64::try_from(hold.as_millis()).unwrap_or(i64::MAX);
        let fingerprint = Fingerprint::of("CreateReservation")
            .list(lines.iter(), |builder, line| {
                builder
                    .bytes(line.sku_id.uuid().as_bytes())
                    .text(line.location.as_str())
                    .number(line.quantity)
            })
            .number(hold_ms)
            .finish();
        let reservation_id = ReservationId::mint(wall);
        let claim = Claim {
            scope: Scope::merchant(merchant_id),
            key,
            fingerprint,
            method: "CreateReservation",
            resource_id: reservation_id.uuid(),
            start: Start::Done,
        };
        Self { reservation_id, merchant_id, lines, hold, actor, claim }
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = StockKey> {
        self.lines.iter().map(|line| line.key(self.merchant_id))
    }

    pub(super) fn needs(&self) -> Vec<Need> {
        self.lines.iter().map(|line| line.need(self.merchant_id)).collect()
    }

    pub(super) fn apply(
        &self,
        fold: &mut Fold,
        now: Timestamp,
        codes: &Codes,
    ) -> Result<Reservation, Refusal> {
        let reservation = Reservation {
            reservation_id: self.reservation_id,
            merchant_id: self.merchant_id,
            state: State::Held,
            lines: self.lines.clone(),
            created_time: now,
            expires_at: now + self.hold,
            ended_time: None,
        };
        let (merchant_id, owner) = reservation.owner();
        fold.reserve(owner, merchant_id, &self.needs(), Some(reservation.expires_at), &self.actor)
            .map_err(|short| refusals::insufficient(&short, codes))?;
        Ok(reservation)
    }
}
