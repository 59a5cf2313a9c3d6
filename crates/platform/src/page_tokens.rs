//! The key that seals page tokens: one per database, so that every process opens what another one sealed.

use kernel::PageTokens;

use crate::db::{Database, DbError};
use crate::sql;
use crate::sql::Sql;

const KEY: Sql = sql!("page_tokens/page_token_key");

/// Reads the key and tells it to `tokens`, unless it is known already.
///
/// # Errors
/// [`DbError`] when the database cannot be asked.
pub async fn load(database: &Database, tokens: &PageTokens) -> Result<(), DbError> {
    if tokens.has_key() {
        return Ok(());
    }
    let mut reader = database.read().await?;
    if let Some(row) = reader.query_opt(&KEY, &[]).await? {
        tokens.set_key(row.get(0));
    }
    Ok(())
}
