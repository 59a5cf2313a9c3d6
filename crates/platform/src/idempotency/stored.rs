//! Keys of operations that end later, as they stand in a table of their own.

use uuid::Uuid;

use super::FREE;
use crate::db::{DbError, Tx};

/// A key as it is stored, with the id that its request minted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredKey {
    /// The merchant of the key's scope.
    pub merchant: Uuid,
    /// The scope's name.
    pub scope: String,
    /// The key.
    pub key: Vec<u8>,
    /// The id that its request minted.
    pub resource_id: Uuid,
}

/// Frees keys whose operation is known to have done nothing and never will: the same key may be used again.
///
/// # Errors
/// As [`Tx::write`].
pub async fn free_stored(tx: &Tx, keys: &[StoredKey]) -> Result<(), DbError> {
    let merchants: Vec<Uuid> = keys.iter().map(|key| key.merchant).collect();
    let scopes: Vec<&str> = keys.iter().map(|key| key.scope.as_str()).collect();
    let texts: Vec<&[u8]> = keys.iter().map(|key| key.key.as_slice()).collect();
    let resources: Vec<Uuid> = keys.iter().map(|key| key.resource_id).collect();
    tx.write(&FREE, &[&merchants, &scopes, &texts, &resources], keys.len()).await
}
