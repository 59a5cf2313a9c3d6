//! What commands are refused with.

use std::collections::HashMap;

use kernel::id::ReservationId;
use kernel::refusal::{LISTED_MAX, ShortLine, Violation};
use kernel::{MerchantId, Reason, Refusal, SkuId};

use crate::domain::stock::{Short, StockKey, UNITS_MAX};
use crate::sku_directory::SkuInfo;

/// What the directory says of the SKUs of a batch; one that is not in it does not exist.
pub type Codes = HashMap<(MerchantId, SkuId), SkuInfo>;

/// Refuses SKUs that the merchant does not have: all of them are named.
pub fn unknown_skus(codes: &Codes, merchant: MerchantId, skus: &[SkuId]) -> Result<(), Refusal> {
    let unknown: Vec<SkuId> =
        skus.iter().filter(|sku| !codes.contains_key(&(merchant, **sku))).copied().collect();
    let Some(first) = unknown.first() else { return Ok(()) };
    let message = match unknown.len() {
        1 => format!("SKU {first} does not exist for this merchant"),
        count => format!("{count} SKUs do not exist for this merchant; the first is {first}"),
    };
    Err(naming(Refusal::new(Reason::SkuNotFound, message).about("sku", first), &unknown))
}

/// Refuses SKUs whose stock is not counted: all of them are named.
pub fn untracked_skus(codes: &Codes, merchant: MerchantId, skus: &[SkuId]) -> Result<(), Refusal> {
    let tracked = |sku: &SkuId| codes.get(&(merchant, *sku)).is_none_or(|info| info.tracks_stock);
    let untracked: Vec<SkuId> = skus.iter().filter(|sku| !tracked(sku)).copied().collect();
    let Some(first) = untracked.first() else { return Ok(()) };
    let message = match untracked.len() {
        1 => format!("SKU {first} tracks no stock"),
        count => format!("{count} SKUs track no stock; the first is {first}"),
    };
    Err(naming(Refusal::new(Reason::SkuNotTracked, message).about("sku", first), &untracked))
}

fn naming(refusal: Refusal, skus: &[SkuId]) -> Refusal {
    let mut listed: Vec<String> = skus.iter().map(ToString::to_string).collect();
    listed.dedup();
    let more = listed.len().saturating_sub(LISTED_MAX);
    listed.truncate(LISTED_MAX);
    let refusal = refusal.with("sku_ids", listed.join(","));
    if more > 0 { refusal.with("more", more) } else { refusal }
}

/// Less stock than wanted.
pub fn insufficient(short: &[Short], codes: &Codes) -> Refusal {
    let lines: Vec<ShortLine> = short.iter().map(|short| short_line(short, codes)).collect();
    let message = match lines.as_slice() {
        [line] => format!(
            "not enough stock of {} at {}: wanted {}, available {}",
            line.sku_code, line.location, line.wanted, line.available
        ),
        lines => format!("not enough stock for {} lines; nothing was done", lines.len()),
    };
    Refusal::new(Reason::InsufficientStock, message).short_of(lines)
}

fn short_line(short: &Short, codes: &Codes) -> ShortLine {
    let code = codes.get(&(short.key.merchant_id, short.key.sku_id)).map(|info| info.code.clone());
    ShortLine {
        sku_id: short.key.sku_id.to_string(),
        sku_code: code.unwrap_or_default(),
        location: short.key.location.as_str().to_owned(),
        wanted: short.wanted,
        available: short.available,
    }
}

/// No stock was ever received there.
pub fn stock_not_found(key: &StockKey) -> Refusal {
    Refusal::not_found(Reason::StockNotFound, "stock", format!("{} at {}", key.sku_id, key.location))
}

/// No such reservation of this merchant.
pub fn reservation_not_found(id: ReservationId) -> Refusal {
    Refusal::not_found(Reason::ReservationNotFound, "reservation", id)
}

/// A counter would leave its bounds.
pub fn too_much(field: &str) -> Refusal {
    let description = format!("would make more than {UNITS_MAX} units on hand");
    let mut refusal = Refusal::new(Reason::ValidationFailed, format!("{field} {description}"));
    refusal.violations.push(Violation { field: field.to_owned(), description });
    refusal
}
