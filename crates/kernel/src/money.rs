//! Money: minor units and a currency, with checked arithmetic. No float, no decimal.

use std::fmt;

/// An ISO 4217 currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// Reads a code in capitals, for example `GBP`; `None` if ISO 4217 does not know it.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        iso_currency::Currency::from_code(code).map(Self)
    }

    /// The code in capitals.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Decimal places of the minor unit: 2 for GBP, 0 for JPY, 3 for KWD.
    #[must_use]
    pub fn exponent(self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount in a currency's minor units.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Money {
    /// The currency.
    pub currency: Currency,
    /// Minor units.
    pub minor: i64,
}

/// The largest amount accepted from a caller, in minor units: sums of 2,000 lines of it still fit an `i64`.
pub const MAX_MINOR: i64 = 1_000_000_000_000_000;

impl Money {
    /// An amount.
    #[must_use]
    pub const fn new(currency: Currency, minor: i64) -> Self {
        Self { currency, minor }
    }

    /// Nothing, in a currency.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::new(currency, 0)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = 10_u64.pow(self.currency.exponent());
        let (whole, rest) = (self.minor.unsigned_abs() / scale, self.minor.unsigned_abs() % scale);
        let sign = if self.minor < 0 { "-" } else { "" };
        match self.currency.exponent() {
            0 => write!(f, "{sign}{whole} {}", self.currency),
            places => write!(f, "{sign}{whole}.{rest:0width$} {}", self.currency, width = places as usize),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_amounts_with_the_decimals_of_their_currency() {
        let show = |code, minor| Money::new(Currency::parse(code).expect("known"), minor).to_string();
        assert_eq!(show("GBP", -1_05), "-1.05 GBP");
        assert_eq!(show("JPY", 1_250), "1250 JPY");
        assert_eq!(show("KWD", 1_005), "1.005 KWD");
        assert!(Currency::parse("gbp").is_none());
    }
}
