//! Shapes of replies.

use contract::purser::inventory::v1 as pb;
use kernel::{Refusal, Timestamp};

use crate::commands::Level;
use crate::domain::reservation::{Reservation, State};
use crate::domain::stock::MovementKind;
use crate::queries::ListedMovement;

/// A time on the wire.
pub fn timestamp(at: Timestamp) -> prost_types::Timestamp {
    // Less than a second's nanoseconds always fit.
    prost_types::Timestamp {
        seconds: at.unix_timestamp(),
        nanos: i32::try_from(at.nanosecond()).unwrap_or_default(),
    }
}

/// A level.
pub fn level(level: &Level) -> pb::StockLevel {
    pb::StockLevel {
        sku_id: level.key.sku_id.to_string(),
        location: level.key.location.to_string(),
        on_hand: level.counters.on_hand,
        reserved: level.counters.reserved,
        safety: level.counters.safety,
        shortfall: level.counters.shortfall,
        available: level.counters.available(),
        update_time: Some(timestamp(level.updated_time)),
    }
}

/// Levels.
pub fn levels(found: &[Level]) -> Vec<pb::StockLevel> {
    found.iter().map(level).collect()
}

/// A reservation as it stands at `now`.
pub fn reservation(found: &Reservation, now: Timestamp) -> pb::Reservation {
    let state = match found.state_at(now) {
        State::Held => pb::reservation::State::Held,
        State::Released => pb::reservation::State::Released,
        State::Expired => pb::reservation::State::Expired,
    };
    let lines = found.lines.iter().map(|line| pb::ReservationLine {
        sku_id: line.sku_id.to_string(),
        location: line.location.to_string(),
        quantity: line.quantity,
    });
    pb::Reservation {
        reservation_id: found.reservation_id.to_string(),
        merchant_id: found.merchant_id.to_string(),
        state: state.into(),
        lines: lines.collect(),
        expire_time: Some(timestamp(found.expires_at)),
        create_time: Some(timestamp(found.created_time)),
    }
}

/// A row of the ledger.
pub fn movement(found: &ListedMovement) -> pb::Movement {
    let kind = match found.kind {
        MovementKind::Received => pb::movement::Kind::Received,
        MovementKind::Adjusted => pb::movement::Kind::Adjusted,
        MovementKind::Reserved => pb::movement::Kind::Reserved,
        MovementKind::Released => pb::movement::Kind::Released,
        MovementKind::Expired => pb::movement::Kind::Expired,
        MovementKind::Shipped => pb::movement::Kind::Shipped,
    };
    pb::Movement {
        movement_id: found.movement_id.to_string(),
        sku_id: found.sku_id.to_string(),
        location: found.location.clone(),
        kind: kind.into(),
        on_hand_delta: found.on_hand_delta,
        reserved_delta: found.reserved_delta,
        on_hand_after: found.on_hand_after,
        reserved_after: found.reserved_after,
        owner_id: found.owner.map(|owner| owner.to_string()).unwrap_or_default(),
        reason: found.reason.clone(),
        actor: found.actor.clone(),
        create_time: Some(timestamp(found.created_time)),
    }
}

/// A command answered with what another kind of command answers.
pub fn mixed_up(command: &'static str) -> Refusal {
    tracing::error!(command, "a command answered with another one's value");
    Refusal::internal()
}
