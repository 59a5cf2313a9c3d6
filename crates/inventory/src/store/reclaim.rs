//! Reclaim at reserve time: a sale never waits for a sweeper.

use kernel::Timestamp;
use platform::db::{DbError, LockClass, Tx};
use platform::sql;
use platform::sql::Sql;

use super::holds::hold;
use super::stock::KeyArrays;
use crate::domain::stock::{Ended, Fold, StockKey};

const RECLAIM: Sql = sql!("reclaim_holds");

/// The statements of this module.
pub const STATEMENTS: &[&Sql] = &[&RECLAIM];

/// Who is named as the cause of an end by time.
pub const ACTOR: &str = "system:expiry";

/// Ends overdue holds, of orders and of reservations, against the short rows `keys` (see [`Fold::short_keys`]), oldest
/// first, at most 64 for each row; pinned and committed ones are never touched. Returns how many ended.
///
/// # Errors
/// As [`Tx::query`].
pub async fn reclaim(tx: &Tx, now: Timestamp, fold: &mut Fold, keys: &[StockKey]) -> Result<usize, DbError> {
    if keys.is_empty() {
        return Ok(0);
    }
    tx.reach(LockClass::Holds, RECLAIM.name)?;
    let mut keys = keys.to_vec();
    keys.sort();
    keys.dedup();
    let arrays = KeyArrays::of(keys.iter());
    let rows = tx.query(&RECLAIM, &[&arrays.skus, &arrays.locations, &arrays.merchants, &now]).await?;
    for row in &rows {
        fold.release(&hold(row), Ended::Expired, ACTOR)?;
    }
    Ok(rows.len())
}
