//! Stock rows as they are answered.

use std::collections::HashMap;

use kernel::Timestamp;
use platform::db::{DbError, LockClass, Tx};
use platform::sql;
use platform::sql::Sql;
use tokio_postgres::Row;

use super::stock::{KeyArrays, key};
use crate::domain::stock::{Counters, StockKey};

const INSERT: Sql = sql!("insert_stock");
const OF_KEYS: Sql = sql!("levels_of_keys");

/// The statements of this module.
pub const STATEMENTS: &[&Sql] = &[&INSERT, &OF_KEYS];

/// A stock row as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Level {
    /// The row.
    pub key: StockKey,
    /// Its counters.
    pub counters: Counters,
    /// When it last changed.
    pub updated_time: Timestamp,
}

/// The level in a row that has all its columns.
pub fn level(row: &Row) -> Level {
    let counters = Counters {
        on_hand: row.get("on_hand"),
        reserved: row.get("reserved"),
        safety: row.get("safety"),
        shortfall: row.get("shortfall"),
    };
    Level { key: key(row), counters, updated_time: row.get("updated_time") }
}

/// Makes the rows of `keys` that do not exist, in the order of their primary key; to be called before they are locked.
///
/// # Errors
/// As [`Tx::lock`].
pub async fn insert_missing(tx: &Tx, now: Timestamp, mut keys: Vec<StockKey>) -> Result<(), DbError> {
    if keys.is_empty() {
        return Ok(());
    }
    keys.sort();
    keys.dedup();
    let arrays = KeyArrays::of(keys.iter());
    tx.lock(LockClass::Stock, &INSERT, &[&arrays.skus, &arrays.locations, &arrays.merchants, &now]).await?;
    Ok(())
}

/// The rows of `keys` that exist.
///
/// # Errors
/// As [`Tx::query`].
pub async fn of_keys(tx: &Tx, mut keys: Vec<StockKey>) -> Result<HashMap<StockKey, Level>, DbError> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    keys.sort();
    keys.dedup();
    let arrays = KeyArrays::of(keys.iter());
    let rows = tx.query(&OF_KEYS, &[&arrays.skus, &arrays.locations, &arrays.merchants]).await?;
    Ok(rows.iter().map(level).map(|level| (level.key.clone(), level)).collect())
}
