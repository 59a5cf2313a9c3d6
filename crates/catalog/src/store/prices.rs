//! Prices: intervals that begin, and are ended by the next.

use kernel::{Currency, MerchantId, SkuId, Timestamp};
use platform::db::{DbError, Tx};
use platform::sql;
use platform::sql::Sql;
use uuid::Uuid;

use crate::domain::price::{Around, Interval};

const AROUND: Sql = sql!("prices_around");
const END: Sql = sql!("end_prices");
const INSERT: Sql = sql!("insert_prices");

/// A SKU and a currency: what has one price at a time.
pub type Priced = (SkuId, Currency);

/// A new interval, and the start of the one it ends.
#[derive(Clone, Copy, Debug)]
pub struct Beginning {
    /// What is priced.
    pub of: Priced,
    /// The new interval.
    pub interval: Interval,
    /// Start of the interval that ends where it begins.
    pub ends: Option<Timestamp>,
}

/// The intervals around `at`, in the order asked. The SKUs' attributes are locked.
///
/// # Errors
/// As [`Tx::query`].
pub async fn around(
    tx: &Tx,
    merchant_id: MerchantId,
    of: &[Priced],
    at: Timestamp,
) -> Result<Vec<Around>, DbError> {
    let skus: Vec<Uuid> = of.iter().map(|(sku, _)| sku.uuid()).collect();
    let currencies: Vec<&str> = of.iter().map(|(_, currency)| currency.code()).collect();
    let mut found = vec![Around::default(); of.len()];
    for row in tx.query(&AROUND, &[&merchant_id.uuid(), &skus, &currencies, &at]).await? {
        let position: i64 = row.get("position");
        let begun = row.get::<_, Option<Timestamp>>("start_time").map(|start| Interval {
            start,
            end: row.get("end_time"),
            unit_price: row.get("unit_price"),
        });
        found[usize::try_from(position - 1).unwrap_or_default()] =
            Around { begun, next_start: row.get("next_start") };
    }
    Ok(found)
}

/// Ends and begins intervals, all at the one moment `at`. The SKUs' attributes are locked.
///
/// # Errors
/// As [`Tx::write`].
pub async fn begin(
    tx: &Tx,
    merchant_id: MerchantId,
    at: Timestamp,
    new: &[Beginning],
) -> Result<(), DbError> {
    let merchant = merchant_id.uuid();
    let ended: Vec<(Priced, Timestamp)> = new.iter().filter_map(|new| Some((new.of, new.ends?))).collect();
    let skus: Vec<Uuid> = ended.iter().map(|((sku, _), _)| sku.uuid()).collect();
    let currencies: Vec<&str> = ended.iter().map(|((_, currency), _)| currency.code()).collect();
    let starts: Vec<Timestamp> = ended.iter().map(|(_, start)| *start).collect();
    tx.write(&END, &[&merchant, &skus, &currencies, &starts, &at], ended.len()).await?;

    let skus: Vec<Uuid> = new.iter().map(|new| new.of.0.uuid()).collect();
    let currencies: Vec<&str> = new.iter().map(|new| new.of.1.code()).collect();
    let ends: Vec<Option<Timestamp>> = new.iter().map(|new| new.interval.end).collect();
    let prices: Vec<i64> = new.iter().map(|new| new.interval.unit_price).collect();
    tx.write(&INSERT, &[&merchant, &at, &skus, &currencies, &ends, &prices], new.len()).await
}
