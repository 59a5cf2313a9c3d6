//! Changes of what is physically there: receipts and adjustments.

use super::{Fold, Torn};
use crate::domain::stock::{Movement, MovementKind, Need, Short, StockKey, UNITS_MAX};

/// Why goods could not be received.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Receiving {
    /// A row was not locked.
    Torn(Torn),
    /// The counter would rise above [`UNITS_MAX`].
    TooMuch(StockKey),
}

/// A correction of a stock row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Adjustment {
    /// The row.
    pub key: StockKey,
    /// Change of on hand.
    pub on_hand_delta: i64,
    /// New safety stock; `None` leaves it as it is.
    pub safety: Option<i64>,
    /// Record a loss even when more is promised than is left.
    pub force: bool,
}

/// Why a correction was refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Adjusting {
    /// No stock was ever received there.
    Missing,
    /// Less is there, or not promised, than is to be taken away.
    Short(Short),
    /// The counter would rise above [`UNITS_MAX`].
    TooMuch,
}

impl Fold {
    /// Receives all of `lines`, or nothing; their rows exist, with zeros if they are new.
    ///
    /// # Errors
    /// [`Receiving`]; nothing was changed.
    pub fn receive(&mut self, lines: &[Need], reason: &str, actor: &str) -> Result<(), Receiving> {
        for line in lines {
            let Some(row) = self.rows.get(&line.key) else {
                return Err(Receiving::Torn(Torn::NotLocked(line.key.clone())));
            };
            if row.now.on_hand.saturating_add(line.quantity) > UNITS_MAX {
                return Err(Receiving::TooMuch(line.key.clone()));
            }
        }
        for line in lines {
            self.move_on_hand(&line.key, MovementKind::Received, line.quantity, reason, actor);
        }
        Ok(())
    }

    /// Corrects a row. Without `force` on hand never falls below what is promised; with it, the gap becomes the shortfall.
    /// Below zero it never falls.
    ///
    /// # Errors
    /// [`Adjusting`]; nothing was changed.
    pub fn adjust(&mut self, adjustment: &Adjustment, reason: &str, actor: &str) -> Result<(), Adjusting> {
        let Adjustment { key, on_hand_delta: delta, safety, force } = adjustment;
        let row = self.rows.get_mut(key).ok_or(Adjusting::Missing)?;
        let after = row.now.on_hand.saturating_add(*delta);
        if after > UNITS_MAX {
            return Err(Adjusting::TooMuch);
        }
        let floor = if *force { 0 } else { row.now.reserved };
        if *delta < 0 && after < floor {
            let available = (row.now.on_hand - floor).max(0);
            return Err(Adjusting::Short(Short {
                key: key.clone(),
                wanted: delta.saturating_neg(),
                available,
            }));
        }
        if *force && *delta < 0 {
            // The one place where the shortfall may rise.
            row.now.shortfall = row.now.shortfall.max(row.now.reserved - after);
        }
        if let Some(safety) = safety {
            row.now.safety = *safety;
        }
        self.move_on_hand(key, MovementKind::Adjusted, *delta, reason, actor);
        Ok(())
    }

    fn move_on_hand(&mut self, key: &StockKey, kind: MovementKind, delta: i64, reason: &str, actor: &str) {
        let Some(row) = self.rows.get_mut(key) else { return };
        row.now.on_hand += delta;
        row.now.settle();
        row.changed = true;
        self.movements.push(Movement {
            key: key.clone(),
            kind,
            on_hand_delta: delta,
            reserved_delta: 0,
            after: row.now,
            owner: None,
            reason: reason.to_owned(),
            actor: actor.to_owned(),
        });
    }
}
