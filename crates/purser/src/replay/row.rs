//! One row of the Online Retail file: which kind it is, and its fields as values. Knows nothing of other rows.

use csv::ByteRecord;
use time::PrimitiveDateTime;
use time::macros::format_description;

use super::price::pence;

/// A row, by what it means.
#[derive(Debug, PartialEq, Eq)]
pub enum Row {
    /// Goods sold: a line of an order.
    Purchase(Purchase),
    /// Goods written off, a negative quantity (`units` is its absolute value): part of what was in stock beforehand.
    Correction {
        /// Invoice number.
        invoice: String,
        /// SKU code as written.
        code: String,
        /// Description; may be empty.
        description: String,
        /// Units written off.
        units: i64,
    },
    /// An invoice that starts with C.
    Cancellation {
        /// Invoice number.
        invoice: String,
    },
    /// An invoice that starts with A.
    BadDebt {
        /// Invoice number.
        invoice: String,
    },
}

/// A purchase row.
#[derive(Debug, PartialEq, Eq)]
pub struct Purchase {
    /// Invoice number.
    pub invoice: String,
    /// SKU code as written.
    pub code: String,
    /// Description; may be empty.
    pub description: String,
    /// Units, 1 or more.
    pub units: i64,
    /// When it was invoiced, seconds since 1970, the file's clock read as UTC.
    pub at: i64,
    /// Unit price in pence.
    pub price: i64,
    /// Customer; empty for a guest.
    pub customer: String,
}

/// Where the columns stand in a file.
pub struct Columns([usize; 7]);

const NAMES: [&str; 7] =
    ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"];

// Keys are `online-retail/<invoice>/<step>/<attempt>` and hold 64 characters.
const INVOICE_MAX: usize = 36;

impl Columns {
    /// Finds the columns by the names in the first row, in any order and with others beside them.
    ///
    /// # Errors
    /// The name of a column that is not there.
    pub fn find(header: &ByteRecord) -> Result<Self, String> {
        let mut places = [0; 7];
        for (place, name) in places.iter_mut().zip(NAMES) {
            *place = (0..header.len())
                .find(|column| text(header, *column).trim_start_matches('\u{feff}') == name)
                .ok_or_else(|| format!("the first row names no column {name}"))?;
        }
        Ok(Self(places))
    }

    /// Reads one row. Only what its kind needs is read: a bad debt has a negative price, and that is no error.
    ///
    /// # Errors
    /// What is wrong with which field.
    pub fn row(&self, record: &ByteRecord) -> Result<Row, String> {
        let [invoice, code, description, units, at, price, customer] =
            self.0.map(|column| text(record, column));
        if invoice.is_empty()
            || invoice.len() > INVOICE_MAX
            || !invoice.bytes().all(|byte| byte.is_ascii_graphic())
        {
            return Err(format!(
                "InvoiceNo {invoice:?} is not 1 to {INVOICE_MAX} printable ASCII characters"
            ));
        }
        match invoice.as_bytes()[0].to_ascii_uppercase() {
            b'C' => return Ok(Row::Cancellation { invoice }),
            b'A' => return Ok(Row::BadDebt { invoice }),
            _ => {}
        }
        if code.is_empty() {
            return Err("StockCode is empty".to_owned());
        }
        let units: i64 = units.parse().map_err(|_| format!("Quantity {units:?} is no whole number"))?;
        if units <= 0 {
            let units = units.checked_neg().ok_or("Quantity is out of range")?;
            return Ok(Row::Correction { invoice, code, description, units });
        }
        let at =
            unix_seconds(&at).ok_or_else(|| format!("InvoiceDate {at:?} is not like 2010-12-01 08:26:00"))?;
        let price = pence(&price).ok_or_else(|| format!("UnitPrice {price:?} is no price"))?;
        let customer = customer.strip_suffix(".0").unwrap_or(&customer).to_owned();
        Ok(Row::Purchase(Purchase { invoice, code, description, units, at, price, customer }))
    }
}

// Older copies of this file are Latin-1, newer ones UTF-8: a field that is not UTF-8 is read as Latin-1.
fn text(record: &ByteRecord, column: usize) -> String {
    let bytes = record.get(column).unwrap_or_default();
    match std::str::from_utf8(bytes) {
        Ok(text) => text.trim().to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect::<String>().trim().to_owned(),
    }
}

fn unix_seconds(text: &str) -> Option<i64> {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    PrimitiveDateTime::parse(text, format).ok().map(|at| at.assume_utc().unix_timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(fields: &[&[u8]]) -> Result<Row, String> {
        let header = ByteRecord::from(NAMES.to_vec());
        Columns::find(&header).expect("header").row(&ByteRecord::from(fields.to_vec()))
    }

    #[test]
    fn a_purchase_row_is_read_field_by_field() {
        let read =
            row(&[b"536365", b"85123A", b" LANTERN ", b"6", b"2010-12-01 08:26:00", b"2.55", b"17850.0"]);
        let expected = Purchase {
            invoice: "536365".into(),
            code: "85123A".into(),
            description: "LANTERN".into(),
            units: 6,
            at: 1_291_191_960,
            price: 255,
            customer: "17850".into(),
        };
        assert_eq!(read, Ok(Row::Purchase(expected)));
    }

    #[test]
    fn cancellations_and_bad_debts_are_known_by_their_first_letter_and_read_no_further() {
        let fields: [&[u8]; 7] =
            [b"A563186", b"B", b"Adjust bad debt", b"1", b"2011-08-12 14:51:00", b"-11062.06", b""];
        assert_eq!(row(&fields), Ok(Row::BadDebt { invoice: "A563186".into() }));
        assert_eq!(
            row(&[b"C536379", b"D", b"Discount", b"-1", b"", b"27.5", b"14527.0"]),
            Ok(Row::Cancellation { invoice: "C536379".into() })
        );
    }

    #[test]
    fn a_negative_quantity_is_a_correction_of_its_absolute_units() {
        let read = row(&[b"536589", b"21777", b"", b"-10", b"2010-12-01 16:50:00", b"0.0", b""]);
        let (invoice, code) = ("536589".into(), "21777".into());
        assert_eq!(read, Ok(Row::Correction { invoice, code, description: String::new(), units: 10 }));
    }

    #[test]
    fn a_field_that_is_not_utf8_is_read_as_latin_1() {
        let read = row(&[b"1", b"A", b"\xa3 SIGN", b"1", b"2010-12-01 08:26:00", b"1.0", b""]);
        assert!(matches!(read, Ok(Row::Purchase(Purchase { description, .. })) if description == "£ SIGN"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let when = b"2010-12-01 08:26:00".as_slice();
        for (fields, name) in [
            ([b"".as_slice(), b"A", b"", b"1", when, b"1", b""], "InvoiceNo"),
            ([b"1", b"", b"", b"1", when, b"1", b""], "StockCode"),
            ([b"1", b"A", b"", b"six", when, b"1", b""], "Quantity"),
            ([b"1", b"A", b"", b"1", b"12/1/2010 8:26", b"1", b""], "InvoiceDate"),
            ([b"1", b"A", b"", b"1", when, b"-1", b""], "UnitPrice"),
        ] {
            assert!(row(&fields).is_err_and(|message| message.starts_with(name)), "{name}");
        }
        let header = ByteRecord::from(vec!["InvoiceNo", "StockCode"]);
        assert!(Columns::find(&header).is_err_and(|message| message.ends_with("Description")));
    }
}
