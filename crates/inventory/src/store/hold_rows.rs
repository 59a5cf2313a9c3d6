//! Single holds of an owner: what ends when only a part of an order leaves.

use kernel::MerchantId;
use platform::db::{DbError, LockClass, Tx};
use platform::sql;
use platform::sql::Sql;
use uuid::Uuid;

use super::holds::hold;
use super::stock::KeyArrays;
use crate::domain::stock::{Hold, Owner, StockKey};

const TAKE: Sql = sql!("take_hold_rows");

/// The statements of this module.
pub const STATEMENTS: &[&Sql] = &[&TAKE];

/// Ends single holds, each named once. To be called under the locks of their stock rows, which the fold then moves by exactly
/// what came back.
///
/// # Errors
/// As [`Tx::query`].
pub async fn take_hold_rows(tx: &Tx, taken: &[(MerchantId, Owner, StockKey)]) -> Result<Vec<Hold>, DbError> {
    if taken.is_empty() {
        return Ok(Vec::new());
    }
    tx.reach(LockClass::Holds, TAKE.name)?;
    let keys = KeyArrays::of(taken.iter().map(|(_, _, key)| key));
    let owners: Vec<Uuid> = taken.iter().map(|(_, owner, _)| owner.uuid()).collect();
    let kinds: Vec<&str> = taken.iter().map(|(_, owner, _)| owner.kind()).collect();
    let merchants: Vec<Uuid> = taken.iter().map(|(merchant, ..)| merchant.uuid()).collect();
    let rows = tx.query(&TAKE, &[&owners, &kinds, &merchants, &keys.skus, &keys.locations]).await?;
    Ok(rows.iter().map(hold).collect())
}
