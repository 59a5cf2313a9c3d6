//! What the payment context asks of orders inside its own transactions: locks them, pins their holds, and confirms them.

use std::collections::HashMap;

use futures::future::{self, BoxFuture};
use inventory::tx::{Fold, Hold, Location, Need, Owner, Short, StockKey};
use kernel::{MerchantId, OrderId, Reason, SkuId, Timestamp};
use payment::orders::{Orders as Port, Pinned, Settled, Standing};
use platform::db::{DbError, Locking, Tx};
use platform::events::{self, Event};
use platform::sql;
use platform::sql::Sql;
use uuid::Uuid;

use crate::commands::place_order::shortage;
use crate::domain::fulfilment;
use crate::domain::state::State;
use crate::store::transition::{self as store, HistoryRow, OrderKey, OrderUpdate};

const NEEDS: Sql = sql!("money/order_needs");
const ROWS: Sql = sql!("money/order_rows");

/// The order context's side of a money transaction.
#[derive(Clone, Copy, Debug, Default)]
pub struct OrderBook;

impl Port for OrderBook {
    fn lock<'a>(
        &'a self,
        tx: &'a Tx,
        orders: &'a [OrderKey],
    ) -> BoxFuture<'a, Result<Vec<Standing>, DbError>> {
        Box::pin(lock(tx, orders))
    }

    fn pin<'a>(
        &'a self,
        tx: &'a Tx,
        now: Timestamp,
        orders: &'a [OrderKey],
    ) -> BoxFuture<'a, Result<Vec<Pinned>, DbError>> {
        Box::pin(pin(tx, now, orders))
    }

    fn settled<'a>(
        &'a self,
        tx: &'a Tx,
        now: Timestamp,
        settled: &'a [Settled],
    ) -> BoxFuture<'a, Result<(), DbError>> {
        Box::pin(settle(tx, now, settled))
    }

    fn statements(&self) -> Vec<&'static Sql> {
        let mut all = vec![&NEEDS, &ROWS];
        all.extend(store::STATEMENTS);
        all.extend(events::STATEMENTS);
        all.extend(inventory::tx::statements());
        all
    }
}

async fn lock(tx: &Tx, orders: &[OrderKey]) -> Result<Vec<Standing>, DbError> {
    let locked = store::lock_orders(tx, orders).await?;
    let busy = match tx.locking() {
        Locking::Skip => store::busy(tx, orders, &locked).await?,
        Locking::Wait | Locking::WaitLong => std::collections::HashSet::new(),
    };
    let standing = |order: &OrderKey| match locked.get(order) {
        Some(found) if found.state == State::Pending => Standing::Open,
        Some(found) => Standing::Closed { state: found.state.as_str() },
        None if busy.contains(order) => Standing::Busy,
        None => Standing::Missing,
    };
    Ok(orders.iter().map(standing).collect())
}

/// What an order's lines need of the stock, with the code of each SKU for the answer.
struct Needed {
    order: OrderKey,
    need: Need,
    sku_code: String,
    expires_at: Option<Timestamp>,
}

/// Pins the holds of orders whose money is about to move. What was reclaimed meanwhile is reserved again, or the order is
/// short: then nothing of it is pinned.
async fn pin(tx: &Tx, now: Timestamp, orders: &[OrderKey]) -> Result<Vec<Pinned>, DbError> {
    let owners: Vec<(MerchantId, Owner)> = orders.iter().map(owner).collect();
    let (needed, holds) =
        future::try_join(needs_of(tx, orders), inventory::tx::holds_of(tx, &owners)).await?;
    let missing = missing(&needed, &holds);
    let mut pinned: HashMap<OrderKey, Pinned> = HashMap::new();
    if !missing.is_empty() {
        let fold = reserve_again(tx, now, &missing, &mut pinned).await?;
        inventory::tx::write(tx, now, &fold).await?;
    }
    let held: Vec<(MerchantId, Owner)> =
        orders.iter().filter(|order| !pinned.contains_key(*order)).map(owner).collect();
    let touched = inventory::tx::pin(tx, &held).await?;
    for order in orders.iter().filter(|order| !pinned.contains_key(*order)) {
        let wanted = needed.iter().filter(|needed| needed.order == *order).count();
        if touched.get(&owner(order)).copied().unwrap_or_default() != wanted {
            // A hold was reclaimed between the read and the pin: look again.
            return Err(DbError::Changed("a hold"));
        }
    }
    Ok(orders.iter().map(|order| pinned.remove(order).unwrap_or(Pinned::Held)).collect())
}

const fn owner(order: &OrderKey) -> (MerchantId, Owner) {
    (order.0, Owner::Order(order.1))
}

async fn needs_of(tx: &Tx, orders: &[OrderKey]) -> Result<Vec<Needed>, DbError> {
    let (merchants, ids): (Vec<Uuid>, Vec<Uuid>) =
        orders.iter().map(|(merchant, order)| (merchant.uuid(), order.uuid())).unzip();
    let rows = tx.query(&NEEDS, &[&merchants, &ids]).await?;
    let needed = |row: &tokio_postgres::Row| {
        let merchant_id = MerchantId::from_uuid(row.get("merchant_id"));
        let key = StockKey {
            sku_id: SkuId::from_uuid(row.get("sku_id")),
            location: Location::new(row.get("location")),
            merchant_id,
        };
        Needed {
            order: (merchant_id, OrderId::from_uuid(row.get("order_id"))),
            need: Need { key, quantity: row.get("quantity") },
            sku_code: row.get("sku_code"),
            expires_at: row.get("expires_at"),
        }
    };
    Ok(rows.iter().map(needed).collect())
}

fn missing<'a>(needed: &'a [Needed], holds: &[Hold]) -> Vec<&'a Needed> {
    let held: std::collections::HashSet<(MerchantId, Owner, &StockKey)> =
        holds.iter().map(|hold| (hold.merchant_id, hold.owner, &hold.key)).collect();
    needed
        .iter()
        .filter(|needed| {
            let (merchant, owner) = owner(&needed.order);
            !held.contains(&(merchant, owner, &needed.need.key))
        })
        .collect()
}

/// Takes the stock rows of reclaimed holds, still in the global order, and promises them again.
async fn reserve_again(
    tx: &Tx,
    now: Timestamp,
    missing: &[&Needed],
    pinned: &mut HashMap<OrderKey, Pinned>,
) -> Result<Fold, DbError> {
    let keys: Vec<StockKey> = missing.iter().map(|needed| needed.need.key.clone()).collect();
    let mut fold = inventory::tx::lock(tx, keys).await?;
    let short = fold.short_keys(missing.iter().map(|needed| &needed.need));
    inventory::tx::reclaim(tx, now, &mut fold, &short).await?;

    let mut orders: Vec<OrderKey> = missing.iter().map(|needed| needed.order).collect();
    orders.dedup();
    for order in orders {
        let mine: Vec<&&Needed> = missing.iter().filter(|needed| needed.order == order).collect();
        if mine.iter().any(|needed| fold.is_busy(&needed.need.key)) {
            pinned.insert(order, Pinned::Busy);
            continue;
        }
        let needs: Vec<Need> = mine.iter().map(|needed| needed.need.clone()).collect();
        let expires_at = mine.first().and_then(|needed| needed.expires_at);
        let (merchant, owner) = owner(&order);
        if let Err(short) = fold.reserve(owner, merchant, &needs, expires_at, "system:capture") {
            pinned.insert(order, Pinned::Short(short_lines(&short, &mine)));
        }
    }
    Ok(fold)
}

fn short_lines(short: &[Short], needed: &[&&Needed]) -> Vec<kernel::refusal::ShortLine> {
    let of_key = |key: &StockKey| needed.iter().find(|needed| needed.need.key == *key);
    let code = |key: &StockKey| of_key(key).map(|needed| needed.sku_code.clone()).unwrap_or_default();
    shortage(Reason::ReservationExpired, "", short, code).shortage
}

/// Books what captures brought. An order that is covered is CONFIRMED and its holds are committed; one that is no longer
/// PENDING keeps its state, and its money is recorded; where the attempt failed the holds are unpinned.
async fn settle(tx: &Tx, now: Timestamp, settled: &[Settled]) -> Result<(), DbError> {
    let orders: Vec<OrderKey> = settled.iter().map(|one| (one.merchant_id, one.order_id)).collect();
    let before = read_rows(tx, &orders).await?;

    let mut updates = Vec::new();
    let mut history = Vec::new();
    let (mut confirmed, mut waiting) = (Vec::new(), Vec::new());
    for one in settled {
        let order = (one.merchant_id, one.order_id);
        let Some(was) = before.get(&order) else {
            return Err(DbError::Changed("an order"));
        };
        let captured = was.captured + one.captured;
        let covered = was.state == State::Pending && one.captured > 0 && captured >= was.total;
        if covered {
            history.push(confirmation(one, was.seq + 1));
            confirmed.push(order);
        } else if was.state == State::Pending {
            waiting.push(owner(&order));
        }
        if one.captured > 0 {
            updates.push(OrderUpdate {
                order,
                old_seq: was.seq,
                seq: if covered { was.seq + 1 } else { was.seq },
                state: if covered { State::Confirmed } else { was.state },
                captured,
                expires_at: was.expires_at.filter(|_| !covered),
            });
        }
    }
    let events: Vec<Event> = history.iter().map(HistoryRow::event).collect();
    let committed: Vec<(MerchantId, Owner)> = confirmed.iter().map(owner).collect();
    let rows =
        future::try_join(store::update_orders(tx, now, &updates), store::insert_history(tx, now, &history));
    let queues = future::try_join(store::unexpire(tx, &confirmed), store::enqueue(tx, &confirmed));
    let holds =
        future::try_join(inventory::tx::commit_holds(tx, &committed), inventory::tx::unpin(tx, &waiting));
    future::try_join4(rows, queues, holds, events::append(tx, now, &events)).await?;
    Ok(())
}

fn confirmation(one: &Settled, seq: i32) -> HistoryRow {
    HistoryRow {
        merchant_id: one.merchant_id,
        order_id: one.order_id,
        seq,
        from: Some(State::Pending),
        to: State::Confirmed,
        actor: one.actor.clone(),
        reason: String::new(),
        cause: Some(one.operation_id),
    }
}

/// The rows of orders that this transaction has locked before.
async fn read_rows(tx: &Tx, orders: &[OrderKey]) -> Result<HashMap<OrderKey, fulfilment::Standing>, DbError> {
    let (merchants, ids): (Vec<Uuid>, Vec<Uuid>) =
        orders.iter().map(|(merchant, order)| (merchant.uuid(), order.uuid())).unzip();
    let rows = tx.query(&ROWS, &[&merchants, &ids]).await?;
    Ok(rows.iter().map(store::keyed_standing).collect())
}
