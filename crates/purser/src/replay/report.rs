//! What a replay came to: for people a table, for programs one JSON object.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use super::plan::Totals;

/// The result of a replay, read back from the system, whichever run placed it.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Delivered orders.
    pub orders: u64,
    /// Their lines.
    pub lines: u64,
    /// Their units.
    pub units: i64,
    /// Their value by currency, in minor units.
    pub value_minor: BTreeMap<String, i64>,
    /// Orders that this run placed.
    pub placed: u64,
    /// Invoices that did not get to DELIVERED, by reason.
    pub refused: BTreeMap<String, u64>,
    /// Invoices of the file that become no order, by reason.
    pub skipped: BTreeMap<String, u64>,
    /// How long the order phase took.
    pub seconds: f64,
    /// Invoices per second of the order phase, from placing to delivery.
    pub orders_per_second: f64,
    /// What the input asks for.
    #[serde(skip)]
    pub expected: Totals,
    /// The merchant's id.
    #[serde(skip)]
    pub merchant_id: String,
    /// The customer with the most orders in the input; empty when all are guests.
    #[serde(skip)]
    pub busiest_customer: String,
    /// How the result differs from the input, one sentence each; empty when it does not.
    #[serde(skip)]
    pub differences: Vec<String>,
}

impl Report {
    /// True when what stands is what the input asks for.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.differences.is_empty()
    }

    /// The result as one JSON object.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self)
            .unwrap_or_else(|error| format!("{{\"error\": {:?}}}", error.to_string()))
    }

    /// The result as a table that ends with a line break.
    #[must_use]
    pub fn table(&self) -> String {
        let mut table = String::new();
        let mut row = |name: &str, value: String| {
            // Writing to a text cannot fail.
            let _ = writeln!(table, "{name:<28} {value:>16}");
        };
        row("orders", grouped(self.orders));
        row("lines", grouped(self.lines));
        row("units", grouped(self.units));
        for (currency, minor) in &self.value_minor {
            row(&format!("value, {currency} minor units"), grouped(minor));
        }
        row("placed by this run", grouped(self.placed));
        for (reason, invoices) in &self.refused {
            row(&format!("refused, {reason}"), grouped(invoices));
        }
        for (reason, invoices) in &self.skipped {
            row(&format!("skipped, {reason}"), grouped(invoices));
        }
        row("seconds, order phase", format!("{:.1}", self.seconds));
        row("orders per second", format!("{:.1}", self.orders_per_second));
        table
    }
}

// 629376400 -> 629,376,400
fn grouped(number: impl ToString) -> String {
    let digits = number.to_string();
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits.as_str()), |digits| ("-", digits));
    let mut text = String::from(sign);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Compares what stands with what the input asks for, number by number.
#[must_use]
pub fn differences(expected: Totals, standing: Totals) -> Vec<String> {
    let pairs = [
        ("orders", i128::from(standing.orders), i128::from(expected.orders)),
        ("lines", i128::from(standing.lines), i128::from(expected.lines)),
        ("units", i128::from(standing.units), i128::from(expected.units)),
        ("value in minor units", i128::from(standing.value), i128::from(expected.value)),
    ];
    let differing = pairs.into_iter().filter(|(_, stands, asked)| stands != asked);
    differing.map(|(name, stands, asked)| format!("{name}: {stands} stand, the input has {asked}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        Report {
            orders: 12_977,
            lines: 309_416,
            units: 3_370_167,
            value_minor: BTreeMap::from([("GBP".to_owned(), 629_376_400)]),
            placed: 0,
            refused: BTreeMap::new(),
            skipped: BTreeMap::from([("bad_debt".to_owned(), 3)]),
            seconds: 8.5,
            orders_per_second: 1_526.7,
            expected: Totals::default(),
            merchant_id: "mer_1".into(),
            busiest_customer: String::new(),
            differences: vec!["x".into()],
        }
    }

    #[test]
    fn json_holds_exactly_the_promised_fields() {
        let json: serde_json::Value = serde_json::from_str(&report().json()).expect("one JSON object");
        let expected = serde_json::json!({
            "orders": 12_977, "lines": 309_416, "units": 3_370_167, "value_minor": {"GBP": 629_376_400}, "placed": 0,
            "refused": {}, "skipped": {"bad_debt": 3}, "seconds": 8.5, "orders_per_second": 1_526.7,
        });
        assert_eq!(json, expected);
    }

    #[test]
    fn the_table_groups_digits() {
        let table = report().table();
        assert!(table.contains("629,376,400\n") && table.contains("12,977\n"), "{table}");
        assert_eq!(["0", "999", "1000", "-1234567"].map(grouped), ["0", "999", "1,000", "-1,234,567"]);
    }

    #[test]
    fn every_number_that_differs_is_named() {
        let expected = Totals { orders: 2, lines: 3, units: 4, value: 5 };
        assert!(differences(expected, expected).is_empty());
        let named = differences(expected, Totals { orders: 1, lines: 3, units: 4, value: 6 });
        assert_eq!(
            named,
            ["orders: 1 stand, the input has 2", "value in minor units: 6 stand, the input has 5"]
        );
    }
}
