//! A unit price as the file writes it: decimal text to pence, half up, without a float.

/// Reads a decimal text such as `2.55` or `0.001` as whole pence, rounded half up; `None` when it is no price: a sign,
/// an exponent, no digit at all, or more pence than an `i64` holds.
#[must_use]
pub fn pence(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let digit = |place: usize| fraction.as_bytes().get(place).map_or(0, |byte| i64::from(byte - b'0'));
    let pounds = if whole.is_empty() { 0 } else { whole.parse::<i64>().ok()? };
    let half_up = i64::from(digit(2) >= 5);
    pounds.checked_mul(100)?.checked_add(digit(0) * 10 + digit(1) + half_up)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rounds_half_up_to_the_penny() {
        for (text, expected) in [
            ("2.55", 255),
            ("7.0", 700),
            ("3", 300),
            (".5", 50),
            ("12.", 1_200),
            ("0.001", 0),
            ("0.0049999999", 0),
            ("0.005", 1),
            ("1.995", 200),
            ("1.004", 100),
            ("649.5", 64_950),
        ] {
            assert_eq!(pence(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_price() {
        for text in ["", ".", "-1.0", "+1", "1e3", "1,50", "NaN", "1.2.3", " 1", "99999999999999999999"] {
            assert_eq!(pence(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_rounding_in_thousandths(thousandths in 0_i64..1_000_000_000) {
            let text = format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000);
            prop_assert_eq!(pence(&text), Some((thousandths + 5) / 10));
        }
    }
}
