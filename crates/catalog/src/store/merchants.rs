//! Merchants.

use kernel::{MerchantId, Timestamp};
use platform::db::{DbError, LockClass, Tx};
use platform::sql;
use platform::sql::Sql;

const INSERT: Sql = sql!("insert_merchant");
const INSERT_DETAILS: Sql = sql!("insert_merchant_details");
const FIND: Sql = sql!("find_merchant");

/// A merchant to be made.
pub struct NewMerchant<'a> {
    /// The id minted for it.
    pub id: MerchantId,
    /// Its code as given.
    pub code: &'a str,
    /// The code folded.
    pub code_key: &'a str,
    /// Name shown to people.
    pub display_name: &'a str,
}

/// Makes a merchant, or tells who has its code.
///
/// # Errors
/// As [`Tx::query`].
pub async fn insert(
    tx: &Tx,
    now: Timestamp,
    new: &NewMerchant<'_>,
) -> Result<Result<(), MerchantId>, DbError> {
    let id = new.id.uuid();
    if tx.lock(LockClass::Claims, &INSERT, &[&id, &new.code_key, &now]).await?.is_empty() {
        // A statement of its own: the one that met the conflict could not see the row it met.
        let rows = tx.query(&FIND, &[&new.code_key]).await?;
        let row = rows.first().ok_or(DbError::Changed("a merchant's code"))?;
        return Ok(Err(MerchantId::from_uuid(row.get("id"))));
    }
    tx.write(&INSERT_DETAILS, &[&id, &new.code, &new.display_name, &now], 1).await?;
    Ok(Ok(()))
}
