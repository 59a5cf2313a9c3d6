//! What an order's transaction reads of the catalogue. It locks nothing: the catalogue is cold, and what an order copies
//! is what stood there at its moment.

use std::collections::{HashMap, HashSet};

use kernel::{Currency, MerchantId, SkuId, Timestamp};
use platform::db::{DbError, Tx};
use platform::sql;
use platform::sql::Sql;
use uuid::Uuid;

const SNAPSHOT: Sql = sql!("tx/snapshot_skus");
const MERCHANTS: Sql = sql!("tx/existing_merchants");

/// What an order copies of a SKU.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SkuSnapshot {
    /// The SKU.
    pub sku_id: SkuId,
    /// Its merchant.
    pub merchant_id: MerchantId,
    /// The merchant's own code, as first given.
    pub code: String,
    /// Name shown to people.
    pub display_name: String,
    /// False for what is never counted.
    pub tracks_stock: bool,
    /// False when retired.
    pub active: bool,
    /// Minor units, in the asked currency, in force at the asked moment.
    pub unit_price: Option<i64>,
    /// True when there is no price in the asked currency, but one in another. Not looked up otherwise.
    pub priced_elsewhere: bool,
}

/// The statements of this module, to be prepared by whoever uses it.
#[must_use]
pub fn statements() -> Vec<&'static Sql> {
    vec![&SNAPSHOT, &MERCHANTS]
}

/// The wanted SKUs as they stand at `now`, in the order asked; one may be asked for more than once. `None` is a SKU that
/// this merchant does not have.
///
/// # Errors
/// As [`Tx::query`].
pub async fn snapshot(
    tx: &Tx,
    now: Timestamp,
    wanted: &[(MerchantId, SkuId, Currency)],
) -> Result<Vec<Option<SkuSnapshot>>, DbError> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    // Hundreds of orders of one batch want the same SKU: each is read once.
    let mut distinct = Vec::new();
    let mut places: HashMap<_, usize> = HashMap::with_capacity(wanted.len());
    let place_of: Vec<usize> = wanted
        .iter()
        .map(|asked| {
            *places.entry(*asked).or_insert_with(|| {
                distinct.push(*asked);
                distinct.len() - 1
            })
        })
        .collect();
    let found = read(tx, now, &distinct).await?;
    Ok(place_of.into_iter().map(|place| found[place].clone()).collect())
}

async fn read(
    tx: &Tx,
    now: Timestamp,
    wanted: &[(MerchantId, SkuId, Currency)],
) -> Result<Vec<Option<SkuSnapshot>>, DbError> {
    let merchants: Vec<Uuid> = wanted.iter().map(|(merchant, ..)| merchant.uuid()).collect();
    let skus: Vec<Uuid> = wanted.iter().map(|(_, sku, _)| sku.uuid()).collect();
    let currencies: Vec<&str> = wanted.iter().map(|(.., currency)| currency.code()).collect();
    let mut found = vec![None; wanted.len()];
    for row in tx.query(&SNAPSHOT, &[&merchants, &skus, &currencies, &now]).await? {
        let position: i64 = row.get("position");
        let place = usize::try_from(position - 1).unwrap_or_default();
        let (merchant_id, sku_id, _) = wanted[place];
        found[place] = Some(SkuSnapshot {
            sku_id,
            merchant_id,
            code: row.get("code"),
            display_name: row.get("display_name"),
            tracks_stock: row.get("tracks_stock"),
            active: row.get("active"),
            unit_price: row.get("unit_price"),
            priced_elsewhere: row.get("priced_elsewhere"),
        });
    }
    Ok(found)
}

/// Those of `ids` that are merchants.
///
/// # Errors
/// As [`Tx::query`].
pub async fn existing_merchants(tx: &Tx, ids: &[MerchantId]) -> Result<HashSet<MerchantId>, DbError> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let distinct: HashSet<MerchantId> = ids.iter().copied().collect();
    let ids: Vec<Uuid> = distinct.iter().map(|id| id.uuid()).collect();
    let rows = tx.query(&MERCHANTS, &[&ids]).await?;
    Ok(rows.iter().map(|row| MerchantId::from_uuid(row.get("id"))).collect())
}
