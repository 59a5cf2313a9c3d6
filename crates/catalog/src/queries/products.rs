//! Reads a product.

use kernel::id::ProductId;
use kernel::{MerchantId, Timestamp};
use platform::db::{DbError, Reader};
use platform::sql;
use platform::sql::Sql;

const READ: Sql = sql!("read_product");

/// A product as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// The merchant that sells it.
    pub merchant_id: MerchantId,
    /// Name shown to people.
    pub display_name: String,
    /// When it was created.
    pub created_time: Timestamp,
}

/// A merchant's product, if it has one with this id.
///
/// # Errors
/// As [`Reader::query`].
pub async fn read(
    reader: &mut Reader,
    merchant_id: MerchantId,
    id: ProductId,
) -> Result<Option<Product>, DbError> {
    let row = reader.query_opt(&READ, &[&id.uuid(), &merchant_id.uuid()]).await?;
    Ok(row.map(|row| Product {
        id: ProductId::from_uuid(row.get("id")),
        merchant_id: MerchantId::from_uuid(row.get("merchant_id")),
        display_name: row.get("display_name"),
        created_time: row.get("created_time"),
    }))
}
