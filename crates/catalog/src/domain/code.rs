//! Codes: shown as first given, compared without regard to case.

/// Most characters of a SKU code, as given and folded.
pub const SKU_CHARS_MAX: usize = 64;

/// What a code is compared by. Character by character up and down again, so that letters with several lower-case forms
/// (the Greek sigma) or none of their own (the German sharp s) meet whichever way they were written. Folded here and
/// never by the database, whose idea of case depends on its locale. May be longer than the code.
#[must_use]
pub fn fold(code: &str) -> String {
    code.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn codes_that_differ_in_case_only_fold_to_one() {
        for [a, b] in
            [["85123A", "85123a"], ["BANK CHARGES", "Bank charges"], ["ΟΔΟΣ", "οδος"], ["STRASSE", "straße"]]
        {
            assert_eq!(fold(a), fold(b), "{a} {b}");
        }
        assert_ne!(fold("85123A"), fold("85123B"));
    }

    proptest! {
        #[test]
        fn printable_ascii_folds_as_ascii_does(code in "[ -~]{1,64}") {
            prop_assert_eq!(fold(&code), code.to_ascii_lowercase());
        }
    }
}
