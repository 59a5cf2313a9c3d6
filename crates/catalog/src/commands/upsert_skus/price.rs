//! Prices that come with SKUs: from now on, where they are not the price already.

use kernel::{MerchantId, SkuId, Timestamp};
use platform::db::{DbError, Tx};

use super::SkuUpsert;
use crate::domain::price::{Change, begin};
use crate::store::prices::{self, Beginning, Priced};

/// The smallest step of time that the database keeps.
const TICK: time::Duration = time::Duration::microseconds(1);

/// Begins the prices that differ from those in force. The SKUs' attributes are locked.
///
/// # Errors
/// As [`Tx::write`].
pub async fn from_now_on(
    tx: &Tx,
    now: Timestamp,
    merchant_id: MerchantId,
    skus: &[(SkuId, &SkuUpsert)],
) -> Result<(), DbError> {
    let mut wanted: Vec<(Priced, i64)> = skus
        .iter()
        .filter_map(|(id, sku)| sku.unit_price.map(|price| ((*id, price.currency), price.minor)))
        .collect();
    let mut at = now;
    // All at one moment. Where another price of a SKU begins at this very microsecond, what is left moves to the next.
    while !wanted.is_empty() {
        let of: Vec<Priced> = wanted.iter().map(|(of, _)| *of).collect();
        let around = prices::around(tx, merchant_id, &of, at).await?;
        let (mut new, mut taken) = (Vec::new(), Vec::new());
        for ((of, unit_price), around) in wanted.into_iter().zip(around) {
            if around.in_force(at) == Some(unit_price) {
                continue;
            }
            match begin(at, unit_price, &around) {
                Change::Stands => {}
                Change::Begins { interval, ends } => new.push(Beginning { of, interval, ends }),
                Change::Taken => taken.push((of, unit_price)),
            }
        }
        prices::begin(tx, merchant_id, at, &new).await?;
        wanted = taken;
        at += TICK;
    }
    Ok(())
}
