//! The stock of a batch of transitions: what is given back, what leaves, and what cannot leave.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use inventory::tx::{Ended, Fold, Hold, Need, Owner, Short, StockKey};
use kernel::{MerchantId, Reason, Refusal};
use platform::db::{DbError, Tx};

use super::Transition;
use crate::commands::place_order::shortage;
use crate::store::transition::{LineKey, LineRow, OrderKey, Written, order_of};

pub(super) const fn owner((merchant, order): OrderKey) -> (MerchantId, Owner) {
    (merchant, Owner::Order(order))
}

/// Locks the stock rows of everything that is given back or leaves. Of an order that several commands want stock of, all
/// rows are locked: which of its commands stands may yet depend on what is on hand.
pub(super) async fn lock(
    tx: &Tx,
    batch: &[Arc<Transition>],
    holds: &[Hold],
    written: &Written,
) -> Result<Fold, DbError> {
    let mut commands: HashMap<OrderKey, usize> = HashMap::new();
    for command in batch.iter().filter(|command| command.moves_stock()) {
        *commands.entry(command.order()).or_default() += 1;
    }
    let contended = |hold: &Hold| order_of(hold).is_some_and(|order| commands.get(&order) > Some(&1));
    let touched = holds.iter().filter(|hold| written.touches(hold) || contended(hold));
    inventory::tx::lock(tx, touched.map(|hold| hold.key.clone()).collect()).await
}

/// The orders with a stock row that is locked elsewhere, and was skipped.
pub(super) fn busy(fold: &Fold, holds: &[Hold]) -> HashSet<OrderKey> {
    holds.iter().filter(|hold| fold.is_busy(&hold.key)).filter_map(order_of).collect()
}

/// True when a row has less on hand than the batch ships of it, which a forced adjustment can bring about.
pub(super) fn is_short(fold: &Fold, written: &Written) -> bool {
    let needs: Vec<Need> =
        written.leaving().map(|(key, quantity)| Need { key: key.clone(), quantity }).collect();
    !fold.unshippable(&needs).is_empty()
}

/// Units of one line that leave a stock row.
pub(super) struct Part<'a> {
    pub key: StockKey,
    pub units: i64,
    sku_code: &'a str,
}

/// What a shipment takes out of stock, given as `(line_no, units)`.
pub(super) fn parts<'a>(
    rows: &'a HashMap<LineKey, LineRow>,
    order: OrderKey,
    shipped: &[(i32, i64)],
) -> Vec<Part<'a>> {
    let part = |(line_no, units): &(i32, i64)| {
        let row = rows.get(&(order, *line_no)).filter(|row| !row.location.is_empty())?;
        let key =
            StockKey { sku_id: row.sku_id, location: row.location.as_str().into(), merchant_id: order.0 };
        Some(Part { key, units: *units, sku_code: &row.sku_code })
    };
    shipped.iter().filter_map(part).collect()
}

/// What is on hand of each stock row, as the shipments decided so far leave it.
#[derive(Clone, Debug)]
pub(super) struct OnHand(HashMap<StockKey, i64>);

impl OnHand {
    /// As the rows were locked.
    pub fn of(fold: &Fold, holds: &[Hold]) -> Self {
        let row = |hold: &Hold| Some((hold.key.clone(), fold.counters(&hold.key)?.on_hand));
        Self(holds.iter().filter_map(row).collect())
    }

    /// Takes all parts of a shipment, or none.
    ///
    /// # Errors
    /// [`Reason::InsufficientStock`], naming every short row.
    pub fn leave(&mut self, parts: &[Part<'_>]) -> Result<(), Refusal> {
        let mut wanted: BTreeMap<&StockKey, i64> = BTreeMap::new();
        for part in parts {
            *wanted.entry(&part.key).or_default() += part.units;
        }
        let mut short = Vec::new();
        for (key, wanted) in &wanted {
            let available = self.0.get(*key).copied().unwrap_or_default();
            if available < *wanted {
                short.push(Short { key: (*key).clone(), wanted: *wanted, available });
            }
        }
        if !short.is_empty() {
            let code = |key: &StockKey| parts.iter().find(|part| part.key == *key).map(|part| part.sku_code);
            return Err(shortage(
                Reason::InsufficientStock,
                "less is on hand than was promised",
                &short,
                |key| code(key).unwrap_or_default().to_owned(),
            ));
        }
        for (key, wanted) in wanted {
            if let Some(left) = self.0.get_mut(key) {
                *left -= wanted;
            }
        }
        Ok(())
    }
}

/// Takes exactly the holds that come back, since some may have been reclaimed meanwhile, and moves the counters by them.
pub(super) async fn take(tx: &Tx, fold: &mut Fold, holds: &[Hold], written: &Written) -> Result<(), DbError> {
    let cancelled: Vec<(MerchantId, Owner)> = written.cancelled.keys().copied().map(owner).collect();
    let whole: Vec<(MerchantId, Owner, StockKey)> = holds
        .iter()
        .filter(|hold| written.leaves_whole(hold))
        .map(|hold| (hold.merchant_id, hold.owner, hold.key.clone()))
        .collect();
    let parts: Vec<(&Hold, i64)> =
        holds.iter().filter_map(|hold| Some((hold, written.leaving_part(hold)?))).collect();
    let shrunk: Vec<(MerchantId, Owner, StockKey, i64)> =
        parts.iter().map(|(hold, units)| (hold.merchant_id, hold.owner, hold.key.clone(), *units)).collect();
    let (released, shipped, ()) = futures::future::try_join3(
        inventory::tx::take_holds(tx, &cancelled),
        inventory::tx::take_hold_rows(tx, &whole),
        inventory::tx::shrink_holds(tx, &shrunk),
    )
    .await?;

    for hold in &released {
        let expired =
            order_of(hold).and_then(|order| written.cancelled.get(&order).copied()).unwrap_or_default();
        fold.release(hold, if expired { Ended::Expired } else { Ended::Released }, written.actor(hold))?;
    }
    for hold in &shipped {
        fold.ship(hold, hold.quantity, written.actor(hold))?;
    }
    for (hold, units) in &parts {
        fold.ship(hold, *units, written.actor(hold))?;
    }
    let left: i64 =
        shipped.iter().map(|hold| hold.quantity).chain(parts.iter().map(|(_, units)| *units)).sum();
    written.check_all_left(left)
}
