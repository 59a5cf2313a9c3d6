//! Payment method tokens: the provider's name of a card, never a card number.

const CHARS_MAX: usize = 200;

/// What is wrong with a token, or `None`. Refuses everything that looks like a card number: such a request must leave
/// no trace, so the description does not repeat it.
#[must_use]
pub fn violation(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        return Some("is required: the provider's token of the payment method, for example \"pm_card_visa\"");
    }
    if text.len() > CHARS_MAX || !text.bytes().all(|byte| (b'!'..=b'~').contains(&byte) || byte == b' ') {
        return Some("must have 1 to 200 printable ASCII characters");
    }
    if is_card_number(text) {
        return Some("must be the provider's token of the payment method; card numbers are not accepted");
    }
    None
}

/// 13 to 19 digits, spaces and dashes between them, an issuer's first digits, and a right check digit.
fn is_card_number(text: &str) -> bool {
    if !text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b' ' | b'-')) {
        return false;
    }
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    // 2: Mastercard, Mir. 3: American Express, Diners, JCB. 4: Visa. 5: Mastercard, Maestro. 6: Discover, UnionPay,
    // Maestro. 8: UnionPay. 9: Troy, RuPay uses 6 and 8.
    let issued = digits.first().is_some_and(|first| matches!(first, 2..=6 | 8 | 9));
    (13..=19).contains(&digits.len()) && issued && passes_luhn(&digits)
}

fn passes_luhn(digits: &[u32]) -> bool {
    let doubled = |digit: u32| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let value = |(place, digit): (usize, &u32)| if place % 2 == 1 { doubled(*digit) } else { *digit };
    digits.iter().rev().enumerate().map(value).sum::<u32>() % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_tokens_and_refuses_card_numbers_however_they_are_written() {
        for token in ["pm_card_visa", "tok 1", "4242424242424241", "1234567890123", "pm_4242424242424242"] {
            assert_eq!(violation(token), None, "{token}");
        }
        for card in [
            "4242424242424242",
            "4242 4242 4242 4242",
            "3782-822463-10005",
            "5555555555554444",
            "6200000000000005",
        ] {
            assert!(violation(card).is_some_and(|text| text.contains("card numbers")), "{card}");
        }
        for bad in ["", "tab\there", "caf\u{e9}", &"x".repeat(201)] {
            assert!(violation(bad).is_some(), "{bad}");
        }
    }
}
