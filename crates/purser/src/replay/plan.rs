//! What a file asks of the system, as plain data: SKUs with their stock, orders with their lines, and what is left out.
//! No I/O and no API in here; [`super::retail`] makes one from the Online Retail file, the demo makes one from nothing.

use std::collections::BTreeMap;

/// Everything that one replay does, decided beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The merchant's code; also the first part of every idempotency key.
    pub merchant: &'static str,
    /// The merchant's name for people.
    pub merchant_name: &'static str,
    /// ISO 4217 code of every price.
    pub currency: &'static str,
    /// Names the input in the keys of the catalogue and the receipts, so that a second input can follow the first.
    pub source: String,
    /// The SKUs, in the order in which the input mentions them first.
    pub skus: Vec<PlannedSku>,
    /// The orders, in the order in which the input mentions them first.
    pub orders: Vec<PlannedOrder>,
    /// Invoices that become no order, by reason.
    pub skipped: BTreeMap<&'static str, u64>,
}

/// A SKU and the stock it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedSku {
    /// Code, as first written.
    pub code: String,
    /// Name.
    pub name: String,
    /// List price in minor units.
    pub list_price: i64,
    /// False for postage and the like.
    pub tracked: bool,
    /// Units received before the first order; zero when not tracked.
    pub received: i64,
}

/// One order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedOrder {
    /// The invoice number: the order's client reference, and part of its keys.
    pub invoice: String,
    /// The customer; empty for a guest.
    pub customer: String,
    /// The invoice's time, seconds since 1970.
    pub ordered_at: i64,
    /// The lines; no SKU twice at one price.
    pub lines: Vec<PlannedLine>,
}

/// One line of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedLine {
    /// Place of the SKU in [`Plan::skus`].
    pub sku: usize,
    /// Unit price in minor units.
    pub price: i64,
    /// Units.
    pub units: i64,
}

/// What a set of orders comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Orders.
    pub orders: u64,
    /// Order lines.
    pub lines: u64,
    /// Units.
    pub units: i64,
    /// Value in minor units.
    pub value: i64,
}

impl PlannedOrder {
    /// What the order costs in minor units; `None` when an `i64` does not hold it.
    #[must_use]
    pub fn total(&self) -> Option<i64> {
        self.lines.iter().try_fold(0_i64, |sum, line| sum.checked_add(line.price.checked_mul(line.units)?))
    }
}

impl Plan {
    /// What the orders come to; `None` when an `i64` does not hold it.
    #[must_use]
    pub fn totals(&self) -> Option<Totals> {
        self.orders.iter().try_fold(Totals::default(), |sum, order| {
            Some(Totals {
                orders: sum.orders + 1,
                lines: sum.lines + order.lines.len() as u64,
                units: order.lines.iter().try_fold(sum.units, |units, line| units.checked_add(line.units))?,
                value: sum.value.checked_add(order.total()?)?,
            })
        })
    }

    /// The customer with the most orders, on a tie the first by name; empty when there are only guests.
    #[must_use]
    pub fn busiest_customer(&self) -> &str {
        let mut orders_of = BTreeMap::<&str, u64>::new();
        for order in self.orders.iter().filter(|order| !order.customer.is_empty()) {
            *orders_of.entry(&order.customer).or_default() += 1;
        }
        let busiest = orders_of.into_iter().max_by_key(|(name, orders)| (*orders, std::cmp::Reverse(*name)));
        busiest.map_or("", |(name, _)| name)
    }

    /// Keeps the first orders only. The catalogue and the stock stay those of the whole input: their keys and their
    /// requests then stay the same too, and the rest can follow in a later run.
    pub fn keep_first(&mut self, orders: usize) {
        self.orders.truncate(orders);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(lines: &[(i64, i64)]) -> PlannedOrder {
        let lines =
            lines.iter().map(|(price, units)| PlannedLine { sku: 0, price: *price, units: *units }).collect();
        PlannedOrder { invoice: "1".into(), customer: String::new(), ordered_at: 0, lines }
    }

    fn plan(orders: Vec<PlannedOrder>) -> Plan {
        let (merchant, merchant_name, currency) = ("m", "M", "GBP");
        Plan {
            merchant,
            merchant_name,
            currency,
            source: String::new(),
            skus: vec![],
            orders,
            skipped: BTreeMap::new(),
        }
    }

    #[test]
    fn totals_add_up_orders_lines_units_and_value() {
        let mut plan = plan(vec![order(&[(255, 6), (0, 3)]), order(&[(100, 1)])]);
        assert_eq!(plan.totals(), Some(Totals { orders: 2, lines: 3, units: 10, value: 1_630 }));
        plan.keep_first(1);
        assert_eq!(plan.totals(), Some(Totals { orders: 1, lines: 2, units: 9, value: 1_530 }));
    }

    #[test]
    fn a_sum_that_does_not_fit_is_none() {
        assert_eq!(order(&[(i64::MAX, 2)]).total(), None);
        assert_eq!(plan(vec![order(&[(i64::MAX, 1)]), order(&[(1, 1)])]).totals(), None);
    }
}
