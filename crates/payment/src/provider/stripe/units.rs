//! Stripe's units: ISO 4217's minor units but for a few currencies.

use kernel::{Currency, Money};

/// How one of our minor units is written.
enum Unit {
    Same,
    /// Stripe counts hundredths of what is a whole unit here.
    Hundredths,
    /// Stripe counts whole units of what has hundredths here.
    Whole,
    /// The last digit of three decimals has to be 0.
    Tens,
}

/// Source: Stripe's list of currencies, zero-decimal, three-decimal and special cases.
fn unit(currency: Currency) -> Unit {
    match currency.code() {
        "ISK" | "UGX" => Unit::Hundredths,
        "MGA" => Unit::Whole,
        "BHD" | "JOD" | "KWD" | "OMR" | "TND" => Unit::Tens,
        _ => Unit::Same,
    }
}

/// The amount as Stripe counts it; `None` if Stripe cannot charge exactly this.
pub(super) fn to_wire(amount: Money) -> Option<i64> {
    match unit(amount.currency) {
        Unit::Same => Some(amount.minor),
        Unit::Hundredths => amount.minor.checked_mul(100),
        Unit::Whole => exact(amount.minor),
        Unit::Tens => (amount.minor % 10 == 0).then_some(amount.minor),
    }
}

/// What Stripe counted, as money; `None` if it is no whole number of minor units.
pub(super) fn from_wire(currency: Currency, amount: i64) -> Option<Money> {
    let minor = match unit(currency) {
        Unit::Same | Unit::Tens => amount,
        Unit::Hundredths => exact(amount)?,
        Unit::Whole => amount.checked_mul(100)?,
    };
    Some(Money::new(currency, minor))
}

fn exact(hundredths: i64) -> Option<i64> {
    (hundredths % 100 == 0).then_some(hundredths / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_currency_keeps_its_value_on_the_way_there_and_back() {
        for (code, minor, wire) in [
            ("GBP", 1_234, Some(1_234)),
            ("JPY", 500, Some(500)),
            ("ISK", 5, Some(500)),
            ("UGX", 5, Some(500)),
            ("MGA", 500, Some(5)),
            ("MGA", 501, None),
            ("KWD", 5_120, Some(5_120)),
            ("KWD", 5_124, None),
            ("ISK", i64::MAX, None),
        ] {
            let money = Money::new(Currency::parse(code).expect("known"), minor);
            assert_eq!(to_wire(money), wire, "{money}");
            if let Some(wire) = wire {
                assert_eq!(from_wire(money.currency, wire), Some(money));
            }
        }
    }
}
