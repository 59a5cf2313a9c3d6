//! `GetStock` and `BatchGetStock`.

use kernel::{MerchantId, SkuId};
use platform::db::{DbError, Reader};
use platform::sql;
use platform::sql::Sql;
use uuid::Uuid;

use crate::store::levels::{Level, level};

const GET: Sql = sql!("get_stock");

/// The levels of `skus`, by SKU and location; a SKU without stock rows has none.
///
/// # Errors
/// As [`Reader::query`].
pub async fn get_stock(
    reader: &mut Reader,
    merchant_id: MerchantId,
    skus: &[SkuId],
) -> Result<Vec<Level>, DbError> {
    let skus: Vec<Uuid> = skus.iter().map(|sku| sku.uuid()).collect();
    Ok(reader.query(&GET, &[&merchant_id.uuid(), &skus]).await?.iter().map(level).collect())
}
