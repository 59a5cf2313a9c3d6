//! Reads SKUs: by id, by code, in the order of their codes.

use kernel::id::ProductId;
use kernel::{MerchantId, SkuId, Timestamp};
use platform::db::{DbError, Reader};
use platform::sql;
use platform::sql::Sql;
use tokio_postgres::Row;
use uuid::Uuid;

const READ: Sql = sql!("read_skus");
const FIND: Sql = sql!("find_sku_ids");
const LIST: Sql = sql!("list_sku_ids");

/// A SKU as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sku {
    /// Its id.
    pub id: SkuId,
    /// The merchant that sells it.
    pub merchant_id: MerchantId,
    /// The merchant's own code, as first given.
    pub code: String,
    /// The product it is a variant of.
    pub product_id: Option<ProductId>,
    /// Name shown to people.
    pub display_name: String,
    /// False for what is never counted.
    pub tracks_stock: bool,
    /// False when retired.
    pub active: bool,
    /// The prices in force: currency and minor units, by currency.
    pub prices: Vec<(String, i64)>,
    /// When it was created.
    pub created_time: Timestamp,
    /// When its attributes last changed.
    pub updated_time: Timestamp,
}

/// Those of `ids` that the merchant has, in the order asked, with their prices at `now`.
///
/// # Errors
/// As [`Reader::query`].
pub async fn by_id(
    reader: &mut Reader,
    now: Timestamp,
    merchant_id: MerchantId,
    ids: &[SkuId],
) -> Result<Vec<Sku>, DbError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows = reader.query(&READ, &[&merchant_id.uuid(), &ids, &now]).await?;
    Ok(rows.iter().map(|row| sku(merchant_id, row)).collect())
}

/// Those of the merchant's SKUs that have these folded codes, in the order asked, with their prices at `now`.
///
/// # Errors
/// As [`Reader::query`].
pub async fn by_code(
    reader: &mut Reader,
    now: Timestamp,
    merchant_id: MerchantId,
    code_keys: &[&str],
) -> Result<Vec<Sku>, DbError> {
    let rows = reader.query(&FIND, &[&merchant_id.uuid(), &code_keys]).await?;
    let ids: Vec<SkuId> = rows.iter().map(|row| SkuId::from_uuid(row.get("id"))).collect();
    by_id(reader, now, merchant_id, &ids).await
}

/// A page of a merchant's SKUs by folded code, and the code that the next page comes after, if there is one.
///
/// # Errors
/// As [`Reader::query`].
pub async fn list(
    reader: &mut Reader,
    now: Timestamp,
    merchant_id: MerchantId,
    after: Option<&str>,
    size: i64,
) -> Result<(Vec<Sku>, Option<String>), DbError> {
    let mut rows = reader.query(&LIST, &[&merchant_id.uuid(), &after, &(size + 1)]).await?;
    let size = usize::try_from(size).unwrap_or_default();
    let more = rows.len() > size;
    rows.truncate(size);
    let next = rows.last().filter(|_| more).map(|row| row.get("code_key"));
    let ids: Vec<SkuId> = rows.iter().map(|row| SkuId::from_uuid(row.get("id"))).collect();
    Ok((by_id(reader, now, merchant_id, &ids).await?, next))
}

fn sku(merchant_id: MerchantId, row: &Row) -> Sku {
    let currencies: Vec<String> = row.get("currencies");
    let unit_prices: Vec<i64> = row.get("unit_prices");
    Sku {
        id: SkuId::from_uuid(row.get("id")),
        merchant_id,
        code: row.get("code"),
        product_id: row.get::<_, Option<Uuid>>("product_id").map(ProductId::from_uuid),
        display_name: row.get("display_name"),
        tracks_stock: row.get("tracks_stock"),
        active: row.get("active"),
        prices: currencies.into_iter().zip(unit_prices).collect(),
        created_time: row.get("created_time"),
        updated_time: row.get("updated_time"),
    }
}
