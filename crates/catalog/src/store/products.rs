//! Products.

use std::collections::HashSet;

use kernel::id::ProductId;
use kernel::{MerchantId, Timestamp};
use platform::db::{DbError, Tx};
use platform::sql;
use platform::sql::Sql;
use uuid::Uuid;

const INSERT: Sql = sql!("insert_product");
const EXISTING: Sql = sql!("existing_products");

/// Makes a product.
///
/// # Errors
/// As [`Tx::write`].
pub async fn insert(
    tx: &Tx,
    now: Timestamp,
    merchant_id: MerchantId,
    id: ProductId,
    display_name: &str,
) -> Result<(), DbError> {
    tx.write(&INSERT, &[&id.uuid(), &merchant_id.uuid(), &display_name, &now], 1).await
}

/// Those of `ids` that the merchant has.
///
/// # Errors
/// As [`Tx::query`].
pub async fn existing(
    tx: &Tx,
    merchant_id: MerchantId,
    ids: &[ProductId],
) -> Result<HashSet<ProductId>, DbError> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows = tx.query(&EXISTING, &[&merchant_id.uuid(), &ids]).await?;
    Ok(rows.iter().map(|row| ProductId::from_uuid(row.get("id"))).collect())
}
