//! What a batch of transitions changes: one final row per order, one row per transition and shipment.

use std::collections::HashMap;

use inventory::tx::{Hold, StockKey};
use platform::db::DbError;
use platform::events::Event;

use super::{HistoryRow, OrderKey, OrderUpdate, order_of};
use crate::commands::transition::Transition;
use crate::domain::fulfilment::Action;
use crate::domain::fulfilment::Standing;
use crate::domain::state::State;

/// A line of an order.
pub type LineKey = (OrderKey, i32);

/// A shipment to insert.
#[derive(Clone, Debug)]
pub struct NewShipment {
    /// The order.
    pub order: OrderKey,
    /// Its number within the order.
    pub shipment_no: i32,
    /// Tracking number, or empty.
    pub tracking_number: String,
    /// Carrier, or empty.
    pub carrier: String,
    /// `(line_no, units)`.
    pub lines: Vec<(i32, i64)>,
}

/// Everything that a batch changes.
#[derive(Default, Debug)]
pub struct Written {
    history: Vec<HistoryRow>,
    shipments: Vec<NewShipment>,
    /// Orders cancelled now; true for those that expired.
    pub cancelled: HashMap<OrderKey, bool>,
    /// Tracked units that leave.
    leaving: HashMap<(OrderKey, StockKey), i64>,
    shippers: HashMap<OrderKey, String>,
}

/// Entries that leave the queues; none is entered by these transitions.
#[derive(Default, Debug)]
pub struct QueueChanges {
    /// No longer PENDING.
    pub unexpired: Vec<OrderKey>,
    /// No longer to be fulfilled.
    pub left: Vec<OrderKey>,
}

impl Written {
    /// Records a transition.
    pub fn transition(
        &mut self,
        (merchant_id, order_id): OrderKey,
        (from, to, seq): (State, State, i32),
        actor: &str,
        reason: &str,
    ) {
        let (actor, reason) = (actor.to_owned(), reason.to_owned());
        self.history.push(HistoryRow {
            merchant_id,
            order_id,
            seq,
            from: Some(from),
            to,
            actor,
            reason,
            cause: None,
        });
    }

    /// Records the shipment that a command makes.
    pub fn shipment(&mut self, command: &Transition, shipment_no: i32, lines: &[(i32, i64)]) {
        let Action::Ship { tracking_number, carrier, .. } = &command.action else { return };
        self.shippers.insert(command.order(), command.actor.clone());
        self.shipments.push(NewShipment {
            order: command.order(),
            shipment_no,
            tracking_number: tracking_number.clone(),
            carrier: carrier.clone(),
            lines: lines.to_vec(),
        });
    }

    /// The history rows.
    #[must_use]
    pub fn history(&self) -> &[HistoryRow] {
        &self.history
    }

    /// The shipments.
    #[must_use]
    pub fn shipments(&self) -> &[NewShipment] {
        &self.shipments
    }

    /// One event per transition.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.history.iter().map(HistoryRow::event).collect()
    }

    /// The newest transition of each order.
    fn newest(&self) -> HashMap<OrderKey, &HistoryRow> {
        // Later rows of one order overwrite earlier ones: they were pushed in arrival order.
        self.history.iter().map(|row| ((row.merchant_id, row.order_id), row)).collect()
    }

    /// One final row per order that moved.
    #[must_use]
    pub fn updates(&self, before: &HashMap<OrderKey, Standing>) -> Vec<OrderUpdate> {
        let mut updates: Vec<OrderUpdate> = self
            .newest()
            .into_iter()
            .filter_map(|(order, row)| {
                let was = before.get(&order)?;
                Some(OrderUpdate {
                    order,
                    old_seq: was.seq,
                    seq: row.seq,
                    state: row.to,
                    captured: was.captured,
                    expires_at: None,
                })
            })
            .collect();
        updates.sort_by_key(|update| (update.order.1, update.order.0));
        updates
    }

    /// What leaves the queues.
    #[must_use]
    pub fn queue_changes(&self, before: &HashMap<OrderKey, Standing>) -> QueueChanges {
        let mut changes = QueueChanges::default();
        for (order, row) in self.newest() {
            let Some(was) = before.get(&order) else { continue };
            if was.state == State::Pending {
                changes.unexpired.push(order);
            }
            if was.state.is_queued() && !row.to.is_queued() {
                changes.left.push(order);
            }
        }
        changes
    }

    /// True when the batch gives back or ships something of this hold.
    #[must_use]
    pub fn touches(&self, hold: &Hold) -> bool {
        order_of(hold).is_some_and(|order| self.cancelled.contains_key(&order)) || self.units(hold).is_some()
    }

    fn units(&self, hold: &Hold) -> Option<i64> {
        let order = order_of(hold)?;
        self.leaving.get(&(order, hold.key.clone())).copied()
    }

    /// True when all of the hold leaves.
    #[must_use]
    pub fn leaves_whole(&self, hold: &Hold) -> bool {
        self.units(hold).is_some_and(|units| units >= hold.quantity)
    }

    /// The units of a hold of which only a part leaves.
    #[must_use]
    pub fn leaving_part(&self, hold: &Hold) -> Option<i64> {
        self.units(hold).filter(|units| *units < hold.quantity)
    }

    /// Who gives back or ships a hold.
    #[must_use]
    pub fn actor(&self, hold: &Hold) -> &str {
        let Some(order) = order_of(hold) else { return "" };
        let canceller = || {
            self.history
                .iter()
                .rfind(|row| (row.merchant_id, row.order_id) == order)
                .map(|row| row.actor.as_str())
        };
        self.shippers.get(&order).map(String::as_str).or_else(canceller).unwrap_or_default()
    }

    /// The units that leave, by stock row; a row that several orders ship from comes several times.
    pub fn leaving(&self) -> impl Iterator<Item = (&StockKey, i64)> {
        self.leaving.iter().map(|((_, key), units)| (key, *units))
    }

    /// Every unit that leaves must have come out of a hold.
    ///
    /// # Errors
    /// [`DbError::RowCount`]: the order's holds and its lines disagree, which is a defect.
    pub fn check_all_left(&self, shipped: i64) -> Result<(), DbError> {
        let leaving: i64 = self.leaving.values().sum();
        if shipped == leaving {
            return Ok(());
        }
        let [expected, actual] = [leaving, shipped].map(i64::unsigned_abs);
        Err(DbError::RowCount { statement: "ship_holds", expected, actual })
    }

    /// The key of units that leave.
    pub fn leave(&mut self, order: OrderKey, key: StockKey, units: i64) {
        *self.leaving.entry((order, key)).or_default() += units;
    }
}
