//! A generated day of orders, the same on every machine: for a demo without a sample file.

use std::collections::BTreeMap;

use crate::replay::plan::{Plan, PlannedLine, PlannedOrder, PlannedSku};

const ORDERS: usize = 300;
const CUSTOMERS: u64 = 60;
// 2025-06-02 08:00 UTC; one order every two minutes is a day of ten hours.
const OPENS_AT: i64 = 1_748_851_200;

const MATERIALS: [&str; 6] = ["Oak", "Slate", "Linen", "Copper", "Glass", "Willow"];
const THINGS: [&str; 7] = ["Tray", "Lantern", "Vase", "Basket", "Frame", "Clock", "Stool"];

/// Makes the day.
#[must_use]
pub fn plan() -> Plan {
    // Any fixed seed does; a demo that differs between two starts would sell everything twice.
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let mut skus = catalogue(&mut dice);
    let orders: Vec<PlannedOrder> = (0..ORDERS).map(|place| order(place, &skus, &mut dice)).collect();
    for order in &orders {
        for line in &order.lines {
            skus[line.sku].received += line.units;
        }
    }
    // Something is left on the shelves in the evening.
    skus.iter_mut().for_each(|sku| sku.received += 25);
    Plan {
        merchant: "generated-day",
        merchant_name: "A Generated Day",
        currency: "GBP",
        source: "day-1".to_owned(),
        skus,
        orders,
        skipped: BTreeMap::new(),
    }
}

fn catalogue(dice: &mut Dice) -> Vec<PlannedSku> {
    let pairs = MATERIALS.iter().flat_map(|material| THINGS.iter().map(move |thing| (material, thing)));
    pairs
        .zip(1..)
        .map(|((material, thing), number): (_, u32)| PlannedSku {
            code: format!("{}-{number:03}", thing.to_uppercase()),
            name: format!("{material} {thing}"),
            list_price: dice.roll(40) * 100 + 199,
            tracked: true,
            received: 0,
        })
        .collect()
}

fn order(place: usize, skus: &[PlannedSku], dice: &mut Dice) -> PlannedOrder {
    let mut by_sku = BTreeMap::new();
    for _ in 0..=dice.roll(4) {
        *by_sku.entry(dice.index(skus.len())).or_insert(0) += dice.roll(5) + 1;
    }
    let lines =
        by_sku.into_iter().map(|(sku, units)| PlannedLine { sku, price: skus[sku].list_price, units });
    let customer = dice.next() % CUSTOMERS + 1;
    let minutes = i64::try_from(place).unwrap_or_default() * 2;
    PlannedOrder {
        invoice: format!("day-{:04}", place + 1),
        customer: format!("customer-{customer}"),
        ordered_at: OPENS_AT + minutes * 60,
        lines: lines.collect(),
    }
}

// Xorshift: a few lines instead of a dependency, and the same numbers for ever.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn roll(&mut self, sides: u64) -> i64 {
        i64::try_from(self.next() % sides).unwrap_or_default()
    }

    fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.next() % (length as u64).max(1)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_the_same_every_time_and_its_stock_covers_it() {
        let day = plan();
        assert_eq!(day, plan());
        assert_eq!((day.orders.len(), day.skus.len()), (ORDERS, 42));
        let sold: i64 = day.orders.iter().flat_map(|order| &order.lines).map(|line| line.units).sum();
        assert_eq!(day.skus.iter().map(|sku| sku.received).sum::<i64>(), sold + 42 * 25);
        assert!(day.totals().is_some_and(|totals| totals.value > 0));
    }

    #[test]
    fn keys_of_a_day_are_long_enough() {
        let day = plan();
        assert!(day.orders.iter().all(|order| format!("generated-day/{}/ship/1", order.invoice).len() >= 16));
        assert!(format!("generated-day/{}/skus/0", day.source).len() >= 16);
    }
}
