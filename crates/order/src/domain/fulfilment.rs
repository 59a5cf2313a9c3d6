//! What a batch of commands does to one order: folded in arrival order, each command seeing what the one before it left.

use kernel::refusal::Violation;
use kernel::{Reason, Refusal, Timestamp};

use super::state::State;

/// What is asked of an order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Action {
    /// Cancel it, for a reason.
    Cancel {
        /// Why.
        reason: String,
    },
    /// The merchant begins.
    StartProcessing,
    /// Goods leave; no lines means everything still open.
    Ship {
        /// `(line_no, units)`, no line twice.
        lines: Vec<(i32, i64)>,
        /// Tracking number, or empty.
        tracking_number: String,
        /// Carrier, or empty.
        carrier: String,
    },
    /// It arrived.
    Deliver,
    /// Its hold is over: cancel it if nothing was paid and nothing is in flight.
    Expire,
}

/// One line as fulfilment sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenLine {
    /// Number within the order.
    pub line_no: i32,
    /// Units ordered.
    pub quantity: i64,
    /// Units shipped so far.
    pub shipped: i64,
}

/// An order as its lock found it, and as the commands of the batch change it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// Where it stands.
    pub state: State,
    /// Number of its newest history row.
    pub seq: i32,
    /// What it costs.
    pub total: i64,
    /// Money captured.
    pub captured: i64,
    /// Money captured and not given back.
    pub held_money: i64,
    /// True while an operation of its payments is in flight.
    pub in_flight: bool,
    /// End of its hold, while PENDING.
    pub expires_at: Option<Timestamp>,
    /// Its lines; read only for orders that ship or end in this batch.
    pub lines: Vec<OpenLine>,
    /// Shipments so far; known when its lines are.
    pub shipments: i32,
}

/// What one command changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Nothing: it was so already.
    NoOp,
    /// The order went from one state to another.
    Moved {
        /// State before.
        from: State,
        /// State after.
        to: State,
        /// Number of the new history row.
        seq: i32,
        /// Why, or empty.
        reason: String,
    },
    /// Goods left.
    Shipped {
        /// Number of the shipment.
        shipment_no: i32,
        /// `(line_no, units)` that left.
        lines: Vec<(i32, i64)>,
        /// The transition, unless a further part left an order that was PROCESSING already.
        moved: Option<(State, State, i32)>,
    },
}

/// The reason of a cancellation by time.
pub const EXPIRED: &str = "EXPIRED";

impl Standing {
    /// Applies one action.
    ///
    /// # Errors
    /// [`Reason::IllegalTransition`], [`Reason::OperationPending`], [`Reason::QuantityExceedsOpen`] or a violation that
    /// names the line; the order is then as it was.
    pub fn apply(&mut self, action: &Action, now: Timestamp) -> Result<Effect, Refusal> {
        match action {
            Action::Cancel { reason } => self.cancel(reason),
            Action::StartProcessing => self.go(State::Processing, ""),
            Action::Ship { lines, .. } => self.ship(lines),
            Action::Deliver => self.go(State::Delivered, ""),
            Action::Expire => Ok(self.expire(now)),
        }
    }

    fn cancel(&mut self, reason: &str) -> Result<Effect, Refusal> {
        if self.state == State::Cancelled {
            return Ok(Effect::NoOp);
        }
        self.state.check(State::Cancelled)?;
        // Money in flight decides first: until its outcome is known nobody can say what there is to give back.
        if self.in_flight {
            return Err(Refusal::new(
                Reason::OperationPending,
                "a payment of this order is in flight; try again when its outcome is known",
            )
            .retry_after(std::time::Duration::from_secs(1)));
        }
        if self.held_money > 0 {
            let refusal = self.state.illegal(State::Cancelled).with("captured_minor", self.held_money);
            return Err(Refusal {
                message: "an order that holds captured money cannot be cancelled".into(),
                ..refusal
            });
        }
        if self.shipments > 0 {
            return Err(self.state.illegal(State::Cancelled).with("shipments", self.shipments));
        }
        self.go(State::Cancelled, reason)
    }

    fn expire(&mut self, now: Timestamp) -> Effect {
        let due = self.expires_at.is_some_and(|expires_at| expires_at <= now);
        if self.state != State::Pending || !due || self.in_flight || self.held_money > 0 {
            return Effect::NoOp;
        }
        self.go(State::Cancelled, EXPIRED).unwrap_or(Effect::NoOp)
    }

    fn go(&mut self, to: State, reason: &str) -> Result<Effect, Refusal> {
        if self.state == to {
            return Ok(Effect::NoOp);
        }
        self.state.check(to)?;
        let from = std::mem::replace(&mut self.state, to);
        self.seq += 1;
        if to != State::Pending {
            self.expires_at = None;
        }
        Ok(Effect::Moved { from, to, seq: self.seq, reason: reason.to_owned() })
    }

    fn ship(&mut self, wanted: &[(i32, i64)]) -> Result<Effect, Refusal> {
        if !self.state.is_queued() {
            return Err(self.state.illegal(State::Shipped));
        }
        let leaving: Vec<(i32, i64)> = if wanted.is_empty() {
            let open = self.lines.iter().filter(|line| line.shipped < line.quantity);
            open.map(|line| (line.line_no, line.quantity - line.shipped)).collect()
        } else {
            wanted.to_vec()
        };
        let mut lines = self.lines.clone();
        for (index, (line_no, units)) in leaving.iter().enumerate() {
            let line = lines
                .iter_mut()
                .find(|line| line.line_no == *line_no)
                .ok_or_else(|| no_such_line(index, *line_no))?;
            let open = line.quantity - line.shipped;
            if *units > open {
                return Err(exceeds_open(*line_no, *units, open));
            }
            line.shipped += units;
        }
        self.lines = lines;
        self.shipments += 1;
        let all = self.lines.iter().all(|line| line.shipped == line.quantity);
        let to = if all { State::Shipped } else { State::Processing };
        let moved = match self.go(to, "")? {
            Effect::Moved { from, to, seq, .. } => Some((from, to, seq)),
            _ => None,
        };
        Ok(Effect::Shipped { shipment_no: self.shipments, lines: leaving, moved })
    }
}

fn no_such_line(index: usize, line_no: i32) -> Refusal {
    let field = format!("lines[{index}].line_no");
    let description = format!("the order has no line {line_no}");
    let mut refusal = Refusal::new(Reason::ValidationFailed, format!("{field}: {description}"));
    refusal.violations.push(Violation { field, description });
    refusal
}

fn exceeds_open(line_no: i32, wanted: i64, open: i64) -> Refusal {
    Refusal::new(Reason::QuantityExceedsOpen, format!("line {line_no} has {open} units open, not {wanted}"))
        .with("line_no", line_no)
        .with("wanted", wanted)
        .with("open", open)
}

#[cfg(test)]
mod tests;
