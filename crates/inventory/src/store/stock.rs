//! Locking stock rows, and writing what the fold decided about them.

use std::collections::HashSet;

use kernel::id::MovementId;
use kernel::{MerchantId, SkuId, Timestamp};
use platform::db::{DbError, LockClass, Locking, Tx};
use platform::sql;
use platform::sql::Sql;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::domain::stock::{Counters, Fold, Hold, Location, Movement, StockKey, StockRow};

const LOCK: Sql = sql!("lock_stock");
const LOCK_FREE: Sql = sql!("lock_stock", " SKIP LOCKED");
const EXISTING: Sql = sql!("existing_stock");
const UPDATE: Sql = sql!("update_stock");
const INSERT_HOLDS: Sql = sql!("insert_holds");
const INSERT_MOVEMENTS: Sql = sql!("insert_movements");

/// The statements of this module.
pub const STATEMENTS: &[&Sql] = &[&LOCK, &LOCK_FREE, &EXISTING, &UPDATE, &INSERT_HOLDS, &INSERT_MOVEMENTS];

/// Keys as the three arrays that statements unnest.
pub(super) struct KeyArrays<'a> {
    pub skus: Vec<Uuid>,
    pub locations: Vec<&'a str>,
    pub merchants: Vec<Uuid>,
}

impl<'a> KeyArrays<'a> {
    pub fn of(keys: impl Iterator<Item = &'a StockKey> + Clone) -> Self {
        Self {
            skus: keys.clone().map(|key| key.sku_id.uuid()).collect(),
            locations: keys.clone().map(|key| key.location.as_str()).collect(),
            merchants: keys.map(|key| key.merchant_id.uuid()).collect(),
        }
    }
}

pub(super) fn key(row: &Row) -> StockKey {
    StockKey {
        sku_id: SkuId::from_uuid(row.get("sku_id")),
        location: Location::new(row.get("location")),
        merchant_id: MerchantId::from_uuid(row.get("merchant_id")),
    }
}

/// Locks the stock rows of `keys` in their one order, each once; a key without a row counts as nothing available. Where the
/// transaction skips what is locked, the fold tells which rows are busy.
///
/// # Errors
/// As [`Tx::lock`].
pub async fn lock(tx: &Tx, mut keys: Vec<StockKey>) -> Result<Fold, DbError> {
    keys.sort();
    keys.dedup();
    if keys.is_empty() {
        return Ok(Fold::default());
    }
    let arrays = KeyArrays::of(keys.iter());
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 3] =
        [&arrays.skus, &arrays.locations, &arrays.merchants];
    let skip = tx.locking() == Locking::Skip;
    let rows = tx.lock(LockClass::Stock, if skip { &LOCK_FREE } else { &LOCK }, &params).await?;
    let locked: Vec<(StockKey, StockRow)> = rows.iter().map(|row| (key(row), stock_row(row))).collect();
    if !skip || locked.len() == keys.len() {
        return Ok(Fold::new(locked, []));
    }
    let got: HashSet<StockKey> = locked.iter().map(|(key, _)| key.clone()).collect();
    let existing = tx.query(&EXISTING, &params).await?;
    let busy: Vec<StockKey> = existing.iter().map(key).filter(|key| !got.contains(key)).collect();
    Ok(Fold::new(locked, busy))
}

fn stock_row(row: &Row) -> StockRow {
    let counters = Counters {
        on_hand: row.get("on_hand"),
        reserved: row.get("reserved"),
        safety: row.get("safety"),
        shortfall: row.get("shortfall"),
    };
    StockRow { counters, seq: row.get("seq") }
}

/// Writes what the fold decided: final rows, new holds, movements. Every row count is checked.
///
/// # Errors
/// As [`Tx::write`]; [`DbError::RowCount`] when a row is not as it was locked.
pub async fn write(tx: &Tx, now: Timestamp, fold: &Fold) -> Result<(), DbError> {
    // In this order on the wire, in one go.
    futures::try_join!(
        update_rows(tx, now, fold),
        insert_holds(tx, fold),
        insert_movements(tx, now, fold.movements())
    )?;
    Ok(())
}

async fn update_rows(tx: &Tx, now: Timestamp, fold: &Fold) -> Result<(), DbError> {
    let changed: Vec<(&StockKey, StockRow, Counters)> = fold.changed().collect();
    let keys = KeyArrays::of(changed.iter().map(|(key, ..)| *key));
    let units =
        |read: fn(&Counters) -> i64| -> Vec<i64> { changed.iter().map(|(.., now)| read(now)).collect() };
    let on_hand = units(|now| now.on_hand);
    let reserved = units(|now| now.reserved);
    let safety = units(|now| now.safety);
    let shortfall = units(|now| now.shortfall);
    let seqs: Vec<i64> = changed.iter().map(|(_, before, _)| before.seq).collect();
    tx.write(
        &UPDATE,
        &[
            &keys.skus,
            &keys.locations,
            &keys.merchants,
            &on_hand,
            &reserved,
            &safety,
            &shortfall,
            &seqs,
            &now,
        ],
        changed.len(),
    )
    .await
}

async fn insert_holds(tx: &Tx, fold: &Fold) -> Result<(), DbError> {
    let holds: Vec<&Hold> = fold.new_holds().collect();
    let keys = KeyArrays::of(holds.iter().map(|hold| &hold.key));
    let owners: Vec<Uuid> = holds.iter().map(|hold| hold.owner.uuid()).collect();
    let kinds: Vec<&str> = holds.iter().map(|hold| hold.owner.kind()).collect();
    let quantities: Vec<i64> = holds.iter().map(|hold| hold.quantity).collect();
    let expiries: Vec<Option<Timestamp>> = holds.iter().map(|hold| hold.expires_at).collect();
    tx.write(
        &INSERT_HOLDS,
        &[&owners, &kinds, &keys.skus, &keys.locations, &keys.merchants, &quantities, &expiries],
        holds.len(),
    )
    .await
}

async fn insert_movements(tx: &Tx, now: Timestamp, movements: &[Movement]) -> Result<(), DbError> {
    // Sorted, so that the ledger of a row reads in the order in which things happened inside one batch, too.
    let mut ids: Vec<Uuid> = movements.iter().map(|_| MovementId::mint(now).uuid()).collect();
    ids.sort_unstable();
    let keys = KeyArrays::of(movements.iter().map(|movement| &movement.key));
    let kinds: Vec<&str> = movements.iter().map(|movement| movement.kind.as_str()).collect();
    let units = |read: fn(&Movement) -> i64| -> Vec<i64> { movements.iter().map(read).collect() };
    let on_hand_deltas = units(|movement| movement.on_hand_delta);
    let reserved_deltas = units(|movement| movement.reserved_delta);
    let on_hand_after = units(|movement| movement.after.on_hand);
    let reserved_after = units(|movement| movement.after.reserved);
    let owners: Vec<Option<Uuid>> =
        movements.iter().map(|movement| movement.owner.map(|owner| owner.uuid())).collect();
    let owner_kinds: Vec<Option<&str>> =
        movements.iter().map(|movement| movement.owner.map(|owner| owner.kind())).collect();
    let reasons: Vec<&str> = movements.iter().map(|movement| movement.reason.as_str()).collect();
    let actors: Vec<&str> = movements.iter().map(|movement| movement.actor.as_str()).collect();
    tx.write(
        &INSERT_MOVEMENTS,
        &[
            &ids,
            &keys.merchants,
            &keys.skus,
            &keys.locations,
            &kinds,
            &on_hand_deltas,
            &reserved_deltas,
            &on_hand_after,
            &reserved_after,
            &owners,
            &owner_kinds,
            &reasons,
            &actors,
            &now,
        ],
        movements.len(),
    )
    .await
}
