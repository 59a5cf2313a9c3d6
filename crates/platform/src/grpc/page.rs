//! Pages: their size, and the sealed tokens that lead from one to the next.

use kernel::{PageTokens, Reason, Refusal};

use super::Fields;

/// Rows of a page when the caller does not say.
pub const SIZE_DEFAULT: i64 = 50;

/// Most rows of a page; a larger wish is read as this.
pub const SIZE_MAX: i64 = 500;

/// The size of a page: 0 means [`SIZE_DEFAULT`], a larger one than [`SIZE_MAX`] is read as that, a negative one is a
/// violation of `page_size`.
pub fn page_size(fields: &mut Fields, asked: i32) -> i64 {
    if asked < 0 {
        fields.violation("page_size", "must not be negative");
    }
    match i64::from(asked) {
        ..=0 => SIZE_DEFAULT,
        size => size.min(SIZE_MAX),
    }
}

/// The cursor in a page token, `None` for a first page. `query` is the canonical text of all arguments but page size and
/// page token, with the method's name first.
///
/// # Errors
/// [`Reason::PageTokenInvalid`] when the token was altered or made by another query.
pub fn open(tokens: &PageTokens, query: &str, token: &str) -> Result<Option<Vec<u8>>, Refusal> {
    tokens.open(query, token).map_err(|_| invalid_token())
}

/// The refusal of a token, also for a cursor that a query cannot read.
#[must_use]
pub fn invalid_token() -> Refusal {
    Refusal::new(
        Reason::PageTokenInvalid,
        "page_token was altered or belongs to another query; start again without it",
    )
}

/// The token of the page after the one whose last row has this cursor; empty when there is no such page.
#[must_use]
pub fn seal(tokens: &PageTokens, query: &str, last: Option<&[u8]>) -> String {
    last.map(|cursor| tokens.seal(query, cursor)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_a_default_and_a_cap_and_is_never_negative() {
        let mut fields = Fields::new();
        assert_eq!(
            [0, 1, 500, 501, i32::MAX].map(|size| page_size(&mut fields, size)),
            [50, 1, 500, 500, 500]
        );
        assert!(fields.finish(()).is_ok());
        let mut fields = Fields::new();
        page_size(&mut fields, -1);
        let refusal = fields.finish(()).expect_err("negative");
        assert_eq!(refusal.violations[0].field, "page_size");
    }

    #[test]
    fn a_foreign_token_is_refused_with_its_own_reason() {
        let tokens = PageTokens::new(b"key");
        let token = seal(&tokens, "ListOrders|a", Some(b"cursor"));
        assert_eq!(open(&tokens, "ListOrders|a", &token), Ok(Some(b"cursor".to_vec())));
        let refusal = open(&tokens, "ListOrders|b", &token).expect_err("foreign");
        assert_eq!(refusal.reason, Reason::PageTokenInvalid);
        assert_eq!(seal(&tokens, "ListOrders|a", None), "");
    }
}
