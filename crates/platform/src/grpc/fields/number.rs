//! Quantities, currencies and amounts.

use std::ops::RangeInclusive;

use kernel::money::{Currency, MAX_MINOR, Money};

use super::Fields;

impl Fields {
    /// A whole number within bounds.
    pub fn quantity(&mut self, field: &str, value: i64, bounds: RangeInclusive<i64>) -> i64 {
        if !bounds.contains(&value) {
            let (least, most) = (bounds.start(), bounds.end());
            self.violation(field, format_args!("must be {least} to {most}, not {value}"));
        }
        value
    }

    /// An ISO 4217 currency code in capitals.
    pub fn currency(&mut self, field: &str, code: &str) -> Currency {
        Currency::parse(code).unwrap_or_else(|| {
            self.violation(field, "must be an ISO 4217 code in capitals, for example \"GBP\"");
            Currency::parse("XXX").expect("ISO 4217 has a code for no currency")
        })
    }

    /// An amount from a caller: zero up to [`MAX_MINOR`] minor units. `field` is the `Money` message.
    pub fn amount(&mut self, field: &'static str, currency_code: &str, minor: i64) -> Money {
        self.message(field, |fields| {
            let currency = fields.currency("currency_code", currency_code);
            Money::new(currency, fields.quantity("minor_units", minor, 0..=MAX_MINOR))
        })
    }
}
