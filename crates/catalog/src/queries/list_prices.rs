//! Reads the price intervals of a SKU.

use kernel::{MerchantId, Money, SkuId, Timestamp};
use platform::db::{DbError, Reader};
use platform::sql;
use platform::sql::Sql;
use tokio_postgres::Row;

const LIST: Sql = sql!("list_prices");
const EXISTS: Sql = sql!("sku_exists");
const FIRST: Sql = sql!("first_price_since");

/// One interval.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Price {
    /// ISO 4217 code.
    pub currency: String,
    /// Minor units.
    pub unit_price: i64,
    /// First moment at which it holds.
    pub start_time: Timestamp,
    /// First moment at which it no longer holds.
    pub end_time: Option<Timestamp>,
}

/// Where a page ends: start and currency of its last interval.
pub type Cursor = (Timestamp, String);

/// A page of a SKU's intervals, newest first; `None` when the merchant has no such SKU.
///
/// # Errors
/// As [`Reader::query`].
pub async fn list(
    reader: &mut Reader,
    merchant_id: MerchantId,
    sku_id: SkuId,
    after: Option<&Cursor>,
    size: i64,
) -> Result<Option<(Vec<Price>, Option<Cursor>)>, DbError> {
    let (start, currency) = (after.map(|(start, _)| *start), after.map(|(_, currency)| currency.as_str()));
    let (merchant, sku) = (merchant_id.uuid(), sku_id.uuid());
    let mut rows = reader.query(&LIST, &[&merchant, &sku, &start, &currency, &(size + 1)]).await?;
    if rows.is_empty() && reader.query_opt(&EXISTS, &[&sku, &merchant]).await?.is_none() {
        return Ok(None);
    }
    let size = usize::try_from(size).unwrap_or_default();
    let more = rows.len() > size;
    rows.truncate(size);
    let prices: Vec<Price> = rows.iter().map(price).collect();
    let next = prices.last().filter(|_| more).map(|last| (last.start_time, last.currency.clone()));
    Ok(Some((prices, next)))
}

/// The first interval of this price that begins at `since` or later.
///
/// # Errors
/// As [`Reader::query`].
pub async fn first_since(
    reader: &mut Reader,
    merchant_id: MerchantId,
    sku_id: SkuId,
    unit_price: Money,
    since: Timestamp,
) -> Result<Option<Price>, DbError> {
    let (merchant, sku, currency) = (merchant_id.uuid(), sku_id.uuid(), unit_price.currency.code());
    let row = reader.query_opt(&FIRST, &[&merchant, &sku, &currency, &since, &unit_price.minor]).await?;
    Ok(row.as_ref().map(price))
}

fn price(row: &Row) -> Price {
    Price {
        currency: row.get("currency"),
        unit_price: row.get("unit_price"),
        start_time: row.get("start_time"),
        end_time: row.get("end_time"),
    }
}
