//! Holds: the open promises of orders and reservations.

use std::collections::HashMap;

use kernel::{MerchantId, Timestamp};
use platform::db::{DbError, LockClass, Tx};
use platform::sql;
use platform::sql::Sql;
use tokio_postgres::Row;
use uuid::Uuid;

use super::stock::{KeyArrays, key};
use crate::domain::stock::{Hold, Owner, StockKey};

const OF: Sql = sql!("holds_of");
const TAKE: Sql = sql!("take_holds");
const SHRINK: Sql = sql!("shrink_holds");
const PIN: Sql = sql!("pin_holds");
const UNPIN: Sql = sql!("unpin_holds");
const COMMIT: Sql = sql!("commit_holds");

/// The statements of this module.
pub const STATEMENTS: &[&Sql] = &[&OF, &TAKE, &SHRINK, &PIN, &UNPIN, &COMMIT];

/// How many holds of each owner a statement touched; an owner without any is not in it.
pub type Touched = HashMap<(MerchantId, Owner), usize>;

struct OwnerArrays {
    owners: Vec<Uuid>,
    kinds: Vec<&'static str>,
    merchants: Vec<Uuid>,
}

impl OwnerArrays {
    /// Each owner once: a join with two equal source rows would name its holds twice.
    fn of(owners: &[(MerchantId, Owner)]) -> Self {
        let mut owners = owners.to_vec();
        owners.sort_unstable();
        owners.dedup();
        Self {
            owners: owners.iter().map(|(_, owner)| owner.uuid()).collect(),
            kinds: owners.iter().map(|(_, owner)| owner.kind()).collect(),
            merchants: owners.iter().map(|(merchant, _)| merchant.uuid()).collect(),
        }
    }

    fn params(&self) -> [&(dyn tokio_postgres::types::ToSql + Sync); 3] {
        [&self.owners, &self.kinds, &self.merchants]
    }
}

fn owner(row: &Row) -> (MerchantId, Owner) {
    let owner = Owner::stored(row.get("owner_kind"), row.get("owner_id"));
    (MerchantId::from_uuid(row.get("merchant_id")), owner)
}

pub(super) fn hold(row: &Row) -> Hold {
    let (merchant_id, owner) = owner(row);
    Hold {
        owner,
        merchant_id,
        key: key(row),
        quantity: row.get("quantity"),
        expires_at: row.get::<_, Option<Timestamp>>("expires_at"),
        pinned: row.get("pinned"),
    }
}

/// The open holds of `owners`, unlocked: they say which stock rows to lock.
///
/// # Errors
/// As [`Tx::query`].
pub async fn holds_of(tx: &Tx, owners: &[(MerchantId, Owner)]) -> Result<Vec<Hold>, DbError> {
    if owners.is_empty() {
        return Ok(Vec::new());
    }
    let arrays = OwnerArrays::of(owners);
    Ok(tx.query(&OF, &arrays.params()).await?.iter().map(hold).collect())
}

/// Ends all holds of `owners`. To be called under the locks of their stock rows, which the fold then moves by exactly
/// what came back.
///
/// # Errors
/// As [`Tx::query`]; [`DbError::RowCount`] when a hold is still there afterwards.
pub async fn take_holds(tx: &Tx, owners: &[(MerchantId, Owner)]) -> Result<Vec<Hold>, DbError> {
    if owners.is_empty() {
        return Ok(Vec::new());
    }
    tx.reach(LockClass::Holds, TAKE.name)?;
    let arrays = OwnerArrays::of(owners);
    let params = arrays.params();
    let (taken, left) = futures::try_join!(tx.query(&TAKE, &params), tx.query(&OF, &params))?;
    none_left(&TAKE, &taken, left.len())?;
    Ok(taken.iter().map(hold).collect())
}

/// Takes units off holds that keep some: the partial shipment. No hold comes twice.
///
/// # Errors
/// As [`Tx::write`]; [`DbError::RowCount`] when a hold is gone or has no more units than that.
pub async fn shrink_holds(tx: &Tx, taken: &[(MerchantId, Owner, StockKey, i64)]) -> Result<(), DbError> {
    if taken.is_empty() {
        return Ok(());
    }
    tx.reach(LockClass::Holds, SHRINK.name)?;
    let keys = KeyArrays::of(taken.iter().map(|(_, _, key, _)| key));
    let owners: Vec<Uuid> = taken.iter().map(|(_, owner, ..)| owner.uuid()).collect();
    let kinds: Vec<&str> = taken.iter().map(|(_, owner, ..)| owner.kind()).collect();
    let merchants: Vec<Uuid> = taken.iter().map(|(merchant, ..)| merchant.uuid()).collect();
    let quantities: Vec<i64> = taken.iter().map(|(.., quantity)| *quantity).collect();
    tx.write(&SHRINK, &[&owners, &kinds, &merchants, &keys.skus, &keys.locations, &quantities], taken.len())
        .await
}

/// Pins the holds of `owners`, so that nobody reclaims them while money is in flight. Fewer than an owner should have
/// means that some were reclaimed.
///
/// # Errors
/// As [`Tx::query`]; [`DbError::RowCount`] when a hold is unpinned afterwards.
pub async fn pin(tx: &Tx, owners: &[(MerchantId, Owner)]) -> Result<Touched, DbError> {
    change(tx, &PIN, owners, |hold| hold.pinned).await
}

/// Unpins the holds of `owners`.
///
/// # Errors
/// As [`Tx::query`]; [`DbError::RowCount`] when a hold is pinned afterwards.
pub async fn unpin(tx: &Tx, owners: &[(MerchantId, Owner)]) -> Result<(), DbError> {
    change(tx, &UNPIN, owners, |hold| !hold.pinned).await.map(|_| ())
}

/// Commits the holds of `owners`: they no longer end by time, and are no longer pinned.
///
/// # Errors
/// As [`Tx::query`]; [`DbError::RowCount`] when a hold is not committed afterwards.
pub async fn commit_holds(tx: &Tx, owners: &[(MerchantId, Owner)]) -> Result<(), DbError> {
    change(tx, &COMMIT, owners, |hold| hold.expires_at.is_none() && !hold.pinned).await.map(|_| ())
}

/// Changes the holds of `owners`, and looks whether all of them are as they should be. What a reclaim took before the
/// change is in neither answer, and nobody adds holds to an owner that this transaction has locked.
async fn change(
    tx: &Tx,
    sql: &'static Sql,
    owners: &[(MerchantId, Owner)],
    right: fn(&Hold) -> bool,
) -> Result<Touched, DbError> {
    let mut touched = Touched::new();
    if owners.is_empty() {
        return Ok(touched);
    }
    tx.reach(LockClass::Holds, sql.name)?;
    let arrays = OwnerArrays::of(owners);
    let params = arrays.params();
    let (changed, standing) = futures::try_join!(tx.query(sql, &params), tx.query(&OF, &params))?;
    none_left(sql, &changed, standing.iter().map(hold).filter(|hold| !right(hold)).count())?;
    for row in &changed {
        *touched.entry(owner(row)).or_default() += 1;
    }
    Ok(touched)
}

fn none_left(sql: &'static Sql, touched: &[Row], left: usize) -> Result<(), DbError> {
    if left == 0 {
        return Ok(());
    }
    let actual = touched.len() as u64;
    Err(DbError::RowCount { statement: sql.name, expected: actual + left as u64, actual })
}
