//! What is decided about the commands of a batch, and what that changes: pure, from what was found.

use std::collections::HashMap;
use std::sync::Arc;

use kernel::{Reason, Refusal, Timestamp};
use platform::idempotency::Claimed;

use super::stock::{self, OnHand};
use super::{Found, Transition};
use crate::domain::fulfilment::{EXPIRED, Effect, Standing};
use crate::domain::state::State;
use crate::store::claims::Judged;
use crate::store::transition::{OrderKey, Written};

/// What was decided about one command.
pub(super) enum Decision {
    Effect(Effect),
    Before,
    Replayed,
    Refused(Refusal),
    Busy,
}

/// Folds the commands per order, in arrival order: each sees what the one before it left.
pub(super) fn decide_all(found: &Found, batch: &[Arc<Transition>], now: Timestamp) -> Vec<Decision> {
    let mut orders = found.orders.clone();
    let mut on_hand = found.on_hand.clone();
    let one = |(command, claimed): (&Arc<Transition>, &Claimed)| {
        decide(found, &mut orders, on_hand.as_mut(), command, claimed, now)
    };
    batch.iter().zip(&found.claimed).map(one).collect()
}

fn decide(
    found: &Found,
    orders: &mut HashMap<OrderKey, Standing>,
    on_hand: Option<&mut OnHand>,
    command: &Transition,
    claimed: &Claimed,
    now: Timestamp,
) -> Decision {
    match claimed {
        Claimed::Fresh => {}
        Claimed::Mine(_) => return Decision::Before,
        Claimed::Repeated(_) => return Decision::Replayed,
        Claimed::Reused(refusal) => return Decision::Refused(refusal.clone()),
        Claimed::Busy => return Decision::Busy,
    }
    if found.busy.contains(&command.order()) {
        return Decision::Busy;
    }
    // The join was on the command's own (order, merchant): another tenant's order was never read.
    let Some(standing) = orders.get_mut(&command.order()) else {
        return Decision::Refused(Refusal::not_found(Reason::OrderNotFound, "order", command.order_id));
    };
    match found.tracking.judge(command.tracking_number().as_ref(), command.order_id) {
        Judged::Free => {}
        Judged::Taken(refusal) => return Decision::Refused(refusal),
        Judged::Busy => return Decision::Busy,
    }
    let before = on_hand.is_some().then(|| standing.clone());
    let effect = match standing.apply(&command.action, now) {
        Ok(effect) => effect,
        Err(refusal) => return Decision::Refused(refusal),
    };
    if let (Some(on_hand), Effect::Shipped { lines, .. }) = (on_hand, &effect)
        && let Err(refusal) = on_hand.leave(&stock::parts(&found.lines, command.order(), lines))
    {
        before.into_iter().for_each(|before| *standing = before);
        return Decision::Refused(refusal);
    }
    Decision::Effect(effect)
}

/// Gathers the decisions into one final row per order and one row per transition and shipment.
pub(super) fn collect(found: &Found, batch: &[Arc<Transition>], decisions: &[Decision]) -> Written {
    let mut written = Written::default();
    for (command, decision) in batch.iter().zip(decisions) {
        let Decision::Effect(effect) = decision else { continue };
        match effect {
            Effect::NoOp => {}
            Effect::Moved { from, to, seq, reason } => {
                written.transition(command.order(), (*from, *to, *seq), &command.actor, reason);
                if *to == State::Cancelled {
                    written.cancelled.insert(command.order(), reason == EXPIRED);
                }
            }
            Effect::Shipped { shipment_no, lines, moved } => {
                if let Some(moved) = moved {
                    written.transition(command.order(), *moved, &command.actor, "");
                }
                written.shipment(command, *shipment_no, lines);
                for part in stock::parts(&found.lines, command.order(), lines) {
                    written.leave(command.order(), part.key, part.units);
                }
            }
        }
    }
    written
}
