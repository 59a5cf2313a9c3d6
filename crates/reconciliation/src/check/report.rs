//! What the checks found, for people and for programs.

use std::fmt;

use kernel::Id;
use kernel::id::{Kind, Merchant, Operation, Order, Payment, Reservation, Sku};
use serde::Serialize;
use serde_json::{Map, Value};

/// What one check found.
#[derive(Clone, Debug, Serialize)]
pub struct Checked {
    /// The check's name.
    pub name: &'static str,
    /// What holds when it finds nothing.
    pub description: &'static str,
    /// Number of rows for which it does not hold.
    pub violations: u64,
    /// The first of them, by column.
    pub rows: Vec<Map<String, Value>>,
}

/// What all checks found in one snapshot.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Every check, clean ones too.
    pub checks: Vec<Checked>,
}

impl Report {
    /// True when no check found anything.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.violated().next().is_none()
    }

    /// The checks that found something.
    pub fn violated(&self) -> impl Iterator<Item = &Checked> {
        self.checks.iter().filter(|check| check.violations > 0)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.checks.iter().map(|check| check.name.len()).max().unwrap_or_default();
        for check in &self.checks {
            match check.violations {
                0 => writeln!(f, "{:width$}  ok", check.name)?,
                1 => writeln!(f, "{:width$}  1 VIOLATION", check.name)?,
                more => writeln!(f, "{:width$}  {more} VIOLATIONS", check.name)?,
            }
        }
        for check in self.violated() {
            writeln!(f, "\n{}: {}", check.name, check.description)?;
            for row in &check.rows {
                let columns: Vec<String> =
                    row.iter().map(|(name, value)| format!("{name}={value}")).collect();
                writeln!(f, "  {}", columns.join(" "))?;
            }
            let unlisted = check.violations.saturating_sub(check.rows.len() as u64);
            if unlisted > 0 {
                writeln!(f, "  and {unlisted} more")?;
            }
        }
        Ok(())
    }
}

/// Ids as the API shows them, so that what is found can be asked for.
pub(super) fn with_typed_ids(mut columns: Map<String, Value>) -> Map<String, Value> {
    for (name, value) in &mut columns {
        match name.as_str() {
            "merchant_id" => show::<Merchant>(value),
            "sku_id" => show::<Sku>(value),
            "order_id" | "in_flight_order_id" => show::<Order>(value),
            "payment_id" => show::<Payment>(value),
            "operation_id" => show::<Operation>(value),
            "reservation_id" => show::<Reservation>(value),
            _ => {}
        }
    }
    columns
}

fn show<K: Kind>(value: &mut Value) {
    if let Some(uuid) = value.as_str().and_then(|text| text.parse().ok()) {
        *value = Value::String(Id::<K>::from_uuid(uuid).to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(violations: u64, rows: usize) -> Checked {
        let row: Map<String, Value> = [("held".to_owned(), Value::from(7))].into_iter().collect();
        Checked { name: "a_check", description: "It holds.", violations, rows: vec![row; rows] }
    }

    #[test]
    fn a_report_is_clean_when_no_check_found_anything() {
        let clean = Report { checks: vec![checked(0, 0)] };
        assert!(clean.is_clean());
        assert_eq!(clean.to_string(), "a_check  ok\n");
    }

    #[test]
    fn a_report_shows_rows_and_counts_those_it_leaves_out() {
        let report = Report { checks: vec![checked(3, 1)] };
        assert!(!report.is_clean());
        assert_eq!(
            report.to_string(),
            "a_check  3 VIOLATIONS\n\na_check: It holds.\n  held=7\n  and 2 more\n"
        );
    }

    #[test]
    fn ids_are_shown_as_the_api_shows_them() {
        let uuid = "0188bac7-4afa-78aa-bc3b-bd1eef28d881";
        let columns = [("order_id", uuid), ("owner_id", uuid)];
        let columns = columns.into_iter().map(|(name, id)| (name.to_owned(), Value::from(id))).collect();
        let shown = with_typed_ids(columns);
        assert_eq!(shown["order_id"], "ord_01h2xcejqtf2nbrexx3vqjhp41");
        assert_eq!(shown["owner_id"], uuid);
    }
}
