//! SKUs: identities, which are only ever inserted, and the attributes beside them.

use std::collections::HashMap;

use kernel::id::ProductId;
use kernel::{MerchantId, SkuId, Timestamp};
use platform::db::{DbError, LockClass, Tx};
use platform::sql;
use platform::sql::Sql;
use uuid::Uuid;

const INSERT: Sql = sql!("insert_skus");
const FIND: Sql = sql!("find_skus");
const LOCK: Sql = sql!("lock_skus");
const INSERT_DETAILS: Sql = sql!("insert_sku_details");
const UPDATE_DETAILS: Sql = sql!("update_sku_details");

/// What can change of a SKU, and what tells it apart from its kin.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Details {
    /// The product it is a variant of.
    pub product_id: Option<ProductId>,
    /// Name shown to people.
    pub display_name: String,
    /// False for what is never counted; fixed when the SKU is made.
    pub tracks_stock: bool,
    /// False when retired.
    pub active: bool,
}

/// Makes the SKUs whose folded code is new, and tells the ids of all, by folded code. `new` is sorted by code.
///
/// # Errors
/// As [`Tx::query`].
pub async fn identify(
    tx: &Tx,
    now: Timestamp,
    merchant_id: MerchantId,
    new: &[(&str, SkuId)],
) -> Result<HashMap<String, SkuId>, DbError> {
    let merchant = merchant_id.uuid();
    let ids: Vec<Uuid> = new.iter().map(|(_, id)| id.uuid()).collect();
    let codes: Vec<&str> = new.iter().map(|(code, _)| *code).collect();
    tx.lock(LockClass::Claims, &INSERT, &[&merchant, &ids, &codes, &now]).await?;
    // A statement of its own, so that it sees what another transaction has just made.
    let rows = tx.query(&FIND, &[&merchant, &codes]).await?;
    Ok(rows.iter().map(|row| (row.get("code_key"), SkuId::from_uuid(row.get("id")))).collect())
}

/// Locks the attributes of SKUs and returns them; a SKU made by this transaction, or none of the merchant's, has none.
///
/// # Errors
/// As [`Tx::lock`].
pub async fn lock(
    tx: &Tx,
    merchant_id: MerchantId,
    skus: &[SkuId],
) -> Result<HashMap<SkuId, Details>, DbError> {
    let ids: Vec<Uuid> = skus.iter().map(|sku| sku.uuid()).collect();
    let rows = tx.lock(LockClass::Skus, &LOCK, &[&merchant_id.uuid(), &ids]).await?;
    let details = rows.iter().map(|row| {
        let details = Details {
            product_id: row.get::<_, Option<Uuid>>("product_id").map(ProductId::from_uuid),
            display_name: row.get("display_name"),
            tracks_stock: row.get("tracks_stock"),
            active: row.get("active"),
        };
        (SkuId::from_uuid(row.get("sku_id")), details)
    });
    Ok(details.collect())
}

/// The attributes of new SKUs, with the code as it was given.
///
/// # Errors
/// As [`Tx::write`].
pub async fn insert_details(
    tx: &Tx,
    now: Timestamp,
    merchant_id: MerchantId,
    new: &[(SkuId, &str, &Details)],
) -> Result<(), DbError> {
    let ids: Vec<Uuid> = new.iter().map(|(id, ..)| id.uuid()).collect();
    let codes: Vec<&str> = new.iter().map(|(_, code, _)| *code).collect();
    let products: Vec<Option<Uuid>> =
        new.iter().map(|(.., details)| details.product_id.map(ProductId::uuid)).collect();
    let names: Vec<&str> = new.iter().map(|(.., details)| details.display_name.as_str()).collect();
    let tracked: Vec<bool> = new.iter().map(|(.., details)| details.tracks_stock).collect();
    let active: Vec<bool> = new.iter().map(|(.., details)| details.active).collect();
    let merchant = merchant_id.uuid();
    tx.write(
        &INSERT_DETAILS,
        &[&merchant, &ids, &codes, &products, &names, &tracked, &active, &now],
        new.len(),
    )
    .await
}

/// The changed attributes of SKUs whose attributes are locked.
///
/// # Errors
/// As [`Tx::write`].
pub async fn update_details(
    tx: &Tx,
    now: Timestamp,
    merchant_id: MerchantId,
    changed: &[(SkuId, &Details)],
) -> Result<(), DbError> {
    let ids: Vec<Uuid> = changed.iter().map(|(id, _)| id.uuid()).collect();
    let products: Vec<Option<Uuid>> =
        changed.iter().map(|(_, details)| details.product_id.map(ProductId::uuid)).collect();
    let names: Vec<&str> = changed.iter().map(|(_, details)| details.display_name.as_str()).collect();
    let active: Vec<bool> = changed.iter().map(|(_, details)| details.active).collect();
    let merchant = merchant_id.uuid();
    tx.write(&UPDATE_DETAILS, &[&merchant, &ids, &products, &names, &active, &now], changed.len()).await
}
