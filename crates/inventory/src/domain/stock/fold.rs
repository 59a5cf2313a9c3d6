//! The fold: locked rows, the commands of a batch applied to them one by one, and what is to be written of it.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{MerchantId, Timestamp};

use super::{Counters, Hold, Movement, MovementKind, Need, Owner, Short, StockKey, StockRow};

mod change;

pub use change::{Adjusting, Adjustment, Receiving};

/// How an open promise ends without being shipped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended {
    /// Given back.
    Released,
    /// Its time was over.
    Expired,
}

/// What the fold was told does not fit the rows it knows. A row that was not locked means that the world changed between
/// a read and the lock; counters that do not cover a promise are a defect.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Torn {
    /// A row that the transaction has not locked, or that does not exist.
    #[error("{0:?} is not locked by this transaction")]
    NotLocked(StockKey),
    /// More is to be taken back than was promised.
    #[error("{key:?} has {reserved} reserved, and {quantity} are to end")]
    NotReserved {
        /// The row.
        key: StockKey,
        /// Units to end.
        quantity: i64,
        /// Units reserved.
        reserved: i64,
    },
}

/// What a transaction knows of the stock rows it has locked, and what it has decided about them.
#[derive(Clone, Debug, Default)]
pub struct Fold {
    rows: BTreeMap<StockKey, Row>,
    busy: BTreeSet<StockKey>,
    holds: BTreeMap<(Owner, StockKey), Hold>,
    movements: Vec<Movement>,
}

#[derive(Clone, Debug)]
struct Row {
    before: StockRow,
    now: Counters,
    changed: bool,
}

impl Fold {
    /// The rows that were locked, and those that exist but are locked elsewhere. A key in neither has no stock row.
    #[must_use]
    pub fn new(
        locked: impl IntoIterator<Item = (StockKey, StockRow)>,
        busy: impl IntoIterator<Item = StockKey>,
    ) -> Self {
        let row =
            |(key, before): (StockKey, StockRow)| (key, Row { before, now: before.counters, changed: false });
        Self {
            rows: locked.into_iter().map(row).collect(),
            busy: busy.into_iter().collect(),
            ..Self::default()
        }
    }

    /// True when the row exists and another transaction has it: the command belongs into the slow lane.
    #[must_use]
    pub fn is_busy(&self, key: &StockKey) -> bool {
        self.busy.contains(key)
    }

    /// The counters of a row as the commands so far left it; `None` when there is no such row or it is busy.
    #[must_use]
    pub fn counters(&self, key: &StockKey) -> Option<Counters> {
        self.rows.get(key).map(|row| row.now)
    }

    /// Units that can be promised now; zero where no stock was ever received.
    #[must_use]
    pub fn available(&self, key: &StockKey) -> i64 {
        self.counters(key).map_or(0, |counters| counters.available())
    }

    /// Promises all of `needs`, or nothing. A key that comes twice is added up; one hold and one movement per key.
    ///
    /// # Errors
    /// Every short row, in the order in which the needs name them.
    pub fn reserve(
        &mut self,
        owner: Owner,
        merchant_id: MerchantId,
        needs: &[Need],
        expires_at: Option<Timestamp>,
        actor: &str,
    ) -> Result<(), Vec<Short>> {
        let needs = added_up(needs);
        let short: Vec<Short> = needs
            .iter()
            .filter_map(|(key, wanted)| {
                let available = self.available(key);
                (available < *wanted).then(|| Short { key: (*key).clone(), wanted: *wanted, available })
            })
            .collect();
        if !short.is_empty() {
            return Err(short);
        }
        for (key, quantity) in needs {
            let hold = Hold { owner, merchant_id, key: key.clone(), quantity, expires_at, pinned: false };
            self.promise(hold, actor);
        }
        Ok(())
    }

    fn promise(&mut self, hold: Hold, actor: &str) {
        let Some(row) = self.rows.get_mut(&hold.key) else { return };
        row.now.reserved += hold.quantity;
        row.changed = true;
        let after = row.now;
        self.movements.push(Movement {
            key: hold.key.clone(),
            kind: MovementKind::Reserved,
            on_hand_delta: 0,
            reserved_delta: hold.quantity,
            after,
            owner: Some(hold.owner),
            reason: String::new(),
            actor: actor.to_owned(),
        });
        let place = (hold.owner, hold.key.clone());
        match self.holds.get_mut(&place) {
            Some(held) => held.quantity += hold.quantity,
            None => {
                self.holds.insert(place, hold);
            }
        }
    }

    /// Gives back a hold that the transaction has deleted.
    ///
    /// # Errors
    /// [`Torn`]; nothing was changed.
    pub fn release(&mut self, hold: &Hold, ended: Ended, actor: &str) -> Result<(), Torn> {
        let kind = match ended {
            Ended::Released => MovementKind::Released,
            Ended::Expired => MovementKind::Expired,
        };
        self.end(hold, hold.quantity, 0, kind, actor)
    }

    /// Ships `quantity` units of a hold: on hand and reserved both fall. The transaction has deleted the hold, or shrunk it
    /// by as much. Ask [`Fold::unshippable`] before.
    ///
    /// # Errors
    /// [`Torn`]; nothing was changed.
    pub fn ship(&mut self, hold: &Hold, quantity: i64, actor: &str) -> Result<(), Torn> {
        self.end(hold, quantity, -quantity, MovementKind::Shipped, actor)
    }

    /// The rows among `parts` that have less on hand than is to be shipped, which happens only while there is a shortfall.
    #[must_use]
    pub fn unshippable(&self, parts: &[Need]) -> Vec<Short> {
        let on_hand = |key: &StockKey| self.counters(key).map_or(0, |counters| counters.on_hand);
        added_up(parts)
            .into_iter()
            .filter(|(key, wanted)| on_hand(key) < *wanted)
            .map(|(key, wanted)| Short { key: key.clone(), wanted, available: on_hand(key) })
            .collect()
    }

    fn end(
        &mut self,
        hold: &Hold,
        quantity: i64,
        on_hand_delta: i64,
        kind: MovementKind,
        actor: &str,
    ) -> Result<(), Torn> {
        let row = self.rows.get_mut(&hold.key).ok_or_else(|| Torn::NotLocked(hold.key.clone()))?;
        let reserved = row.now.reserved;
        if reserved < quantity || row.now.on_hand + on_hand_delta < 0 {
            return Err(Torn::NotReserved { key: hold.key.clone(), quantity, reserved });
        }
        row.now.reserved -= quantity;
        row.now.on_hand += on_hand_delta;
        row.now.settle();
        row.changed = true;
        self.movements.push(Movement {
            key: hold.key.clone(),
            kind,
            on_hand_delta,
            reserved_delta: -quantity,
            after: row.now,
            owner: Some(hold.owner),
            reason: String::new(),
            actor: actor.to_owned(),
        });
        Ok(())
    }

    /// The locked rows that cannot fill all of `needs` together and have something reserved: where overdue holds are worth
    /// looking for.
    #[must_use]
    pub fn short_keys<'a>(&self, needs: impl IntoIterator<Item = &'a Need>) -> Vec<StockKey> {
        let mut wanted: BTreeMap<&StockKey, i64> = BTreeMap::new();
        for need in needs {
            let sum = wanted.entry(&need.key).or_default();
            *sum = sum.saturating_add(need.quantity);
        }
        wanted
            .into_iter()
            .filter(|(key, wanted)| {
                self.counters(key).is_some_and(|row| row.reserved > 0 && row.available() < *wanted)
            })
            .map(|(key, _)| key.clone())
            .collect()
    }

    /// The rows that changed: key, as it was locked, and its counters now. In primary key order.
    pub fn changed(&self) -> impl Iterator<Item = (&StockKey, StockRow, Counters)> {
        self.rows.iter().filter(|(_, row)| row.changed).map(|(key, row)| (key, row.before, row.now))
    }

    /// The holds to be inserted.
    pub fn new_holds(&self) -> impl Iterator<Item = &Hold> {
        self.holds.values()
    }

    /// The movements to be written, in the order in which things happened.
    #[must_use]
    pub fn movements(&self) -> &[Movement] {
        &self.movements
    }
}

/// The needs with equal keys added up, in the order in which the keys first come.
fn added_up(needs: &[Need]) -> Vec<(&StockKey, i64)> {
    let mut places: BTreeMap<&StockKey, usize> = BTreeMap::new();
    let mut sums: Vec<(&StockKey, i64)> = Vec::with_capacity(needs.len());
    for need in needs {
        let place = *places.entry(&need.key).or_insert_with(|| {
            sums.push((&need.key, 0));
            sums.len() - 1
        });
        sums[place].1 = sums[place].1.saturating_add(need.quantity);
    }
    sums
}
