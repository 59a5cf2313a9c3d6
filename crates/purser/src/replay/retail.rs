//! The Online Retail file (UCI): what its rows mean here, as a [`Plan`].
//!
//! Rows of one invoice need not stand together. A SKU's code is one regardless of case, shown as first written; its name
//! is its first non-empty description, where a sale describes the goods better than a correction ("damaged", "?") does:
//! a correction's text is used only for a SKU that no sale describes. Its list price is its most frequent unit price in
//! sales, on a tie the lowest.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::plan::{Plan, PlannedLine, PlannedOrder, PlannedSku};
use super::row::{Columns, Purchase, Row};

/// The merchant's code.
pub const MERCHANT: &str = "online-retail";

// Postage, manual charges, samples, fees and vouchers: nobody counts them.
const UNTRACKED: [&str; 11] =
    ["post", "dot", "m", "c2", "d", "s", "b", "cruk", "bank charges", "amazonfee", "pads"];

/// Reads a whole file.
///
/// # Errors
/// What is wrong, with the line where it stands.
pub fn plan(text: &[u8], source: String) -> Result<Plan, String> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text);
    let header = reader.byte_headers().map_err(|error| error.to_string())?;
    let columns = Columns::find(header)?;
    let mut sheet = Sheet::default();
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|error| error.to_string())? {
        let line = record.position().map_or(0, csv::Position::line);
        let row = columns.row(&record).map_err(|problem| format!("line {line}: {problem}"))?;
        sheet.add(row).map_err(|problem| format!("line {line}: {problem}"))?;
    }
    sheet.into_plan(source)
}

#[derive(Default)]
struct Sheet {
    skus: Vec<Draft>,
    sku_by_code: HashMap<String, usize>,
    orders: Vec<PlannedOrder>,
    order_by_invoice: HashMap<String, usize>,
    line_by_price: HashMap<(usize, usize, i64), usize>,
    skipped: BTreeMap<&'static str, HashSet<String>>,
}

// A SKU while the file is read.
#[derive(Default)]
struct Draft {
    code: String,
    sold_as: String,
    corrected_as: String,
    prices: BTreeMap<i64, u64>,
    units: i64,
}

impl Sheet {
    fn add(&mut self, row: Row) -> Result<(), String> {
        match row {
            Row::Purchase(purchase) => return self.sell(purchase),
            Row::Correction { invoice, code, description, units } => {
                let sku = self.sku(&code);
                self.skus[sku].count(units)?;
                keep_first(&mut self.skus[sku].corrected_as, description);
                self.skip("correction", invoice);
            }
            Row::Cancellation { invoice } => self.skip("cancellation", invoice),
            Row::BadDebt { invoice } => self.skip("bad_debt", invoice),
        }
        Ok(())
    }

    fn skip(&mut self, reason: &'static str, invoice: String) {
        self.skipped.entry(reason).or_default().insert(invoice);
    }

    fn sell(&mut self, row: Purchase) -> Result<(), String> {
        let sku = self.sku(&row.code);
        self.skus[sku].count(row.units)?;
        keep_first(&mut self.skus[sku].sold_as, row.description);
        *self.skus[sku].prices.entry(row.price).or_default() += 1;

        let order = *self.order_by_invoice.entry(row.invoice).or_insert_with_key(|invoice| {
            let (invoice, customer) = (invoice.clone(), String::new());
            self.orders.push(PlannedOrder { invoice, customer, ordered_at: row.at, lines: Vec::new() });
            self.orders.len() - 1
        });
        let placed = &mut self.orders[order];
        // Some invoices were typed over a minute: they were ordered when the first row was.
        placed.ordered_at = placed.ordered_at.min(row.at);
        keep_first(&mut placed.customer, row.customer);
        let line = *self.line_by_price.entry((order, sku, row.price)).or_insert_with(|| {
            placed.lines.push(PlannedLine { sku, price: row.price, units: 0 });
            placed.lines.len() - 1
        });
        let units = &mut placed.lines[line].units;
        *units = units.checked_add(row.units).ok_or("Quantity is out of range")?;
        Ok(())
    }

    fn sku(&mut self, code: &str) -> usize {
        *self.sku_by_code.entry(code.to_lowercase()).or_insert_with(|| {
            self.skus.push(Draft { code: code.to_owned(), ..Draft::default() });
            self.skus.len() - 1
        })
    }

    fn into_plan(self, source: String) -> Result<Plan, String> {
        let plan = Plan {
            merchant: MERCHANT,
            merchant_name: "Online Retail",
            currency: "GBP",
            source,
            skus: self.skus.into_iter().map(Draft::finish).collect(),
            orders: self.orders,
            skipped: self
                .skipped
                .into_iter()
                .map(|(reason, invoices)| (reason, invoices.len() as u64))
                .collect(),
        };
        plan.totals().ok_or("the values add up to more than fits")?;
        Ok(plan)
    }
}

impl Draft {
    fn count(&mut self, units: i64) -> Result<(), String> {
        self.units = self.units.checked_add(units).ok_or("Quantity is out of range")?;
        Ok(())
    }

    fn finish(self) -> PlannedSku {
        let tracked = tracks_stock(&self.code);
        // The map is sorted by price: of equally frequent ones the first, the lowest, stays.
        let mut list = (0, 0);
        for (price, times) in self.prices {
            if times > list.1 {
                list = (price, times);
            }
        }
        let name = [self.sold_as, self.corrected_as].into_iter().find(|name| !name.is_empty());
        PlannedSku {
            name: name.unwrap_or_else(|| self.code.clone()),
            code: self.code,
            list_price: list.0,
            tracked,
            received: if tracked { self.units } else { 0 },
        }
    }
}

fn keep_first(kept: &mut String, text: String) {
    if kept.is_empty() {
        *kept = text;
    }
}

fn tracks_stock(code: &str) -> bool {
    let code = code.to_lowercase();
    !UNTRACKED.contains(&code.as_str()) && !code.starts_with("gift_")
}

#[cfg(test)]
mod tests;
