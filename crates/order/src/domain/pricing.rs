//! Prices an order: from what was asked for and what the catalogue says now, to lines and totals that never change again.

use catalog::tx::SkuSnapshot;
use kernel::money::MAX_MINOR;
use kernel::{Currency, Money, Reason, Refusal, SkuId};

use super::model::{Line, Totals};

/// One line as it was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// The SKU.
    pub sku_id: SkuId,
    /// Units.
    pub quantity: i64,
    /// A negotiated unit price in minor units; none means the catalogue's.
    pub unit_price: Option<i64>,
    /// Where the stock is to come from.
    pub location: String,
}

/// The amounts that a trusted caller states, in minor units.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stated {
    /// Taken off the subtotal.
    pub discount: i64,
    /// Tax.
    pub tax: i64,
    /// Shipping charge.
    pub shipping: i64,
    /// The total that the caller showed its customer.
    pub expected_total: Option<i64>,
}

/// Most units of one line, also after equal lines became one.
pub const QUANTITY_MAX: i64 = 1_000_000;

/// Prices the lines. `snapshots` stand beside `wanted`, one each. Lines with the same SKU and unit price become one, in the
/// order of their first appearance; the same SKU at two prices stays two lines, because real invoices have them.
///
/// # Errors
/// The first of: an unknown or retired SKU, no price, another currency; a line or a sum out of bounds; one line at two
/// locations; a total that is not the expected one.
pub fn price(
    currency: Currency,
    wanted: &[Wanted],
    snapshots: &[Option<&SkuSnapshot>],
    stated: Stated,
) -> Result<(Vec<Line>, Totals), Refusal> {
    let mut lines: Vec<Line> = Vec::with_capacity(wanted.len());
    let mut by_price = std::collections::HashMap::new();
    for (index, (want, snapshot)) in wanted.iter().zip(snapshots).enumerate() {
        let sku = orderable(want, *snapshot)?;
        let unit_price = unit_price(currency, want, sku)?;
        let location = if sku.tracks_stock { want.location.as_str() } else { "" };
        match by_price.get(&(want.sku_id, unit_price)) {
            None => {
                by_price.insert((want.sku_id, unit_price), lines.len());
                lines.push(new_line(lines.len(), want, sku, unit_price, location));
            }
            Some(&first) => join(&mut lines[first], want, location, index)?,
        }
    }
    let mut subtotal = 0_i64;
    for line in &mut lines {
        line.line_total = line.unit_price.checked_mul(line.quantity).ok_or_else(too_large)?;
        subtotal = subtotal.checked_add(line.line_total).ok_or_else(too_large)?;
    }
    Ok((lines, totals(currency, subtotal, stated)?))
}

fn orderable<'a>(want: &Wanted, snapshot: Option<&'a SkuSnapshot>) -> Result<&'a SkuSnapshot, Refusal> {
    let id = want.sku_id;
    let sku = snapshot.ok_or_else(|| {
        Refusal::new(Reason::SkuNotFound, format!("SKU {id} does not exist for this merchant"))
            .about("sku", id)
    })?;
    if sku.active {
        Ok(sku)
    } else {
        Err(Refusal::new(Reason::SkuInactive, format!("SKU {id} ({}) is retired", sku.code)).about("sku", id))
    }
}

fn unit_price(currency: Currency, want: &Wanted, sku: &SkuSnapshot) -> Result<i64, Refusal> {
    if let Some(price) = want.unit_price.or(sku.unit_price) {
        return Ok(price);
    }
    let (id, code) = (want.sku_id, &sku.code);
    let refusal = if sku.priced_elsewhere {
        Refusal::new(Reason::CurrencyMismatch, format!("SKU {id} ({code}) has no price in {currency}"))
    } else {
        Refusal::new(Reason::PriceNotFound, format!("SKU {id} ({code}) has no price now"))
    };
    Err(refusal.about("sku", id).with("currency", currency))
}

fn new_line(index: usize, want: &Wanted, sku: &SkuSnapshot, unit_price: i64, location: &str) -> Line {
    Line {
        line_no: i32::try_from(index + 1).unwrap_or(i32::MAX),
        sku_id: want.sku_id,
        sku_code: sku.code.clone(),
        display_name: sku.display_name.clone(),
        quantity: want.quantity,
        unit_price,
        line_total: 0,
        location: location.to_owned(),
        shipped: 0,
    }
}

fn join(line: &mut Line, want: &Wanted, location: &str, index: usize) -> Result<(), Refusal> {
    if line.location != location {
        return Err(bad_line(
            index,
            "location",
            "another line of the same SKU and unit price names another location; an order's line has one",
        ));
    }
    line.quantity =
        line.quantity.checked_add(want.quantity).filter(|sum| *sum <= QUANTITY_MAX).ok_or_else(|| {
            bad_line(index, "quantity", "lines of the same SKU and unit price exceed 1,000,000 together")
        })?;
    Ok(())
}

fn totals(currency: Currency, subtotal: i64, stated: Stated) -> Result<Totals, Refusal> {
    let Stated { discount, tax, shipping, expected_total } = stated;
    if discount > subtotal {
        return Err(bad_field("discount", format!("must not exceed the subtotal of {subtotal}")));
    }
    let total = (subtotal - discount)
        .checked_add(tax)
        .and_then(|sum| sum.checked_add(shipping))
        .filter(|total| *total <= MAX_MINOR)
        .ok_or_else(too_large)?;
    match expected_total {
        Some(expected) if expected != total => Err(Refusal::new(
            Reason::TotalChanged,
            format!(
                "the total is {}, not {}; show the customer the new one",
                Money::new(currency, total),
                Money::new(currency, expected)
            ),
        )
        .with("current_total_minor", total)
        .with("currency", currency)),
        _ => Ok(Totals { subtotal, discount, tax, shipping, total }),
    }
}

fn too_large() -> Refusal {
    bad_field("lines", format!("the total must not exceed {MAX_MINOR} minor units"))
}

fn bad_line(index: usize, field: &str, description: &str) -> Refusal {
    bad_field(&format!("lines[{index}].{field}"), description.to_owned())
}

fn bad_field(field: &str, description: String) -> Refusal {
    let mut refusal = Refusal::new(Reason::ValidationFailed, format!("{field} {description}"));
    refusal.violations.push(kernel::refusal::Violation { field: field.to_owned(), description });
    refusal
}

#[cfg(test)]
mod tests;
