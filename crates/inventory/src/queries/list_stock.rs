//! `ListStock`.

use kernel::{MerchantId, SkuId};
use platform::db::{DbError, Reader};
use platform::sql;
use platform::sql::Sql;
use uuid::Uuid;

use crate::store::levels::{Level, level};

const LIST: Sql = sql!("list_stock");

/// At most `limit` levels after the SKU and location `after`, by SKU and location; only of one location if it is named.
///
/// # Errors
/// As [`Reader::query`].
pub async fn list_stock(
    reader: &mut Reader,
    merchant_id: MerchantId,
    location: Option<&str>,
    after: Option<(SkuId, &str)>,
    limit: i64,
) -> Result<Vec<Level>, DbError> {
    // Every row is after the empty location of the nil id.
    let (sku, place) = after.map_or((Uuid::nil(), ""), |(sku, place)| (sku.uuid(), place));
    let rows = reader.query(&LIST, &[&merchant_id.uuid(), &sku, &place, &location, &limit]).await?;
    Ok(rows.iter().map(level).collect())
}
