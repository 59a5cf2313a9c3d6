//! Page tokens: opaque, sealed, and bound to the query that made them.

use std::sync::{Arc, OnceLock};

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

const SEAL_LEN: usize = 16;

/// Seals and opens page tokens with a key that every process on one database shares. Clones share the key.
#[derive(Clone, Default)]
pub struct PageTokens {
    key: Arc<OnceLock<Vec<u8>>>,
}

/// A token that was altered, or that another query made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this page token was not made by this query")]
pub struct Invalid;

impl PageTokens {
    /// Tokens sealed with `key`.
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        let tokens = Self::default();
        tokens.set_key(key);
        tokens
    }

    /// Tells the key, for tokens that were made (by `default`) before the database could be asked for it. Until then every
    /// token is refused. Only the first key counts.
    pub fn set_key(&self, key: &[u8]) {
        let _ = self.key.set(key.to_vec());
    }

    /// True once the key is known.
    #[must_use]
    pub fn has_key(&self) -> bool {
        self.key.get().is_some()
    }

    /// Seals a cursor, the sort key of a page's last row. `query` is the canonical text of all arguments but the page
    /// token and the page size.
    #[must_use]
    pub fn seal(&self, query: &str, cursor: &[u8]) -> String {
        let mut token = cursor.to_vec();
        token.extend_from_slice(&self.mac(query, cursor).finalize().into_bytes()[..SEAL_LEN]);
        BASE64URL_NOPAD.encode(&token)
    }

    /// The cursor in a token, or `None` for the empty token of a first page.
    ///
    /// # Errors
    /// [`Invalid`] when the token was altered or made by another query.
    pub fn open(&self, query: &str, token: &str) -> Result<Option<Vec<u8>>, Invalid> {
        if token.is_empty() {
            return Ok(None);
        }
        if !self.has_key() {
            return Err(Invalid);
        }
        let mut bytes = BASE64URL_NOPAD.decode(token.as_bytes()).map_err(|_| Invalid)?;
        let cursor_len = bytes.len().checked_sub(SEAL_LEN).ok_or(Invalid)?;
        let seal = bytes.split_off(cursor_len);
        self.mac(query, &bytes).verify_truncated_left(&seal).map_err(|_| Invalid)?;
        Ok(Some(bytes))
    }

    fn mac(&self, query: &str, cursor: &[u8]) -> Hmac<Sha256> {
        let key = self.key.get().map(Vec::as_slice).unwrap_or_default();
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
        mac.update(&(query.len() as u64).to_be_bytes());
        mac.update(query.as_bytes());
        mac.update(cursor);
        mac
    }
}

impl std::fmt::Debug for PageTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PageTokens")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_its_own_tokens_and_refuses_altered_and_foreign_ones() {
        let tokens = PageTokens::new(b"secret");
        let token = tokens.seal("orders of a", b"cursor");
        assert_eq!(tokens.open("orders of a", &token), Ok(Some(b"cursor".to_vec())));
        assert_eq!(tokens.open("orders of b", &token), Err(Invalid));
        assert_eq!(tokens.open("orders of a", ""), Ok(None));
        for place in 0..token.len() {
            let mut altered = token.clone().into_bytes();
            altered[place] = if altered[place] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).expect("ASCII");
            assert_eq!(tokens.open("orders of a", &altered), Err(Invalid), "place {place}");
        }
    }
}
