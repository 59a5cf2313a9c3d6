//! The stock of a batch of transitions: what is given back, what leaves, and what cannot leave.

use std::collections::HashMap;
use std::sync::Arc;

use inventory::tx::{Ended, Fold, Hold, Need, Owner, Short, StockKey};
use kernel::{MerchantId, Reason, Refusal};
use platform::db::{DbError, Tx};

use super::Transition;
use crate::commands::place_order::shortage;
use crate::store::transition::{OrderKey, Written, order_of};

pub(super) const fn owner((merchant, order): OrderKey) -> (MerchantId, Owner) {
    (merchant, Owner::Order(order))
}

/// Locks the stock rows of everything that is given back or leaves.
pub(super) async fn lock(tx: &Tx, holds: &[Hold], written: &Written) -> Result<Fold, DbError> {
    let keys: Vec<StockKey> =
        holds.iter().filter(|hold| written.touches(hold)).map(|hold| hold.key.clone()).collect();
    let fold = inventory::tx::lock(tx, keys.clone()).await?;
    if keys.iter().any(|key| fold.is_busy(key)) {
        // Which commands could go on without it is not worth finding out: the slow lane takes all of them.
        return Err(DbError::Skipped("a stock row"));
    }
    Ok(fold)
}

/// The shipments of a batch that want rows with less on hand than leaves, which a forced adjustment can bring about.
pub(super) fn unshippable(
    fold: &Fold,
    batch: &[Arc<Transition>],
    written: &Written,
) -> HashMap<usize, Refusal> {
    let needs: Vec<Need> =
        written.leaving().map(|(_, key, quantity)| Need { key: key.clone(), quantity }).collect();
    let short = fold.unshippable(&needs);
    if short.is_empty() {
        return HashMap::new();
    }
    let of_order = |order: OrderKey| -> Vec<Short> {
        let wants =
            |key: &StockKey| written.leaving().any(|(owner, leaving, _)| *owner == order && leaving == key);
        short.iter().filter(|short| wants(&short.key)).cloned().collect()
    };
    let refusals =
        batch.iter().enumerate().filter(|(_, command)| command.ships()).filter_map(|(at, command)| {
            let short = of_order(command.order());
            let what = "less is on hand than was promised";
            (!short.is_empty()).then(|| (at, shortage(Reason::InsufficientStock, what, &short, &[])))
        });
    refusals.collect()
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
