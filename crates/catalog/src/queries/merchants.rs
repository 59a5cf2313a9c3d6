//! Reads a merchant.

use kernel::{MerchantId, Timestamp};
use platform::db::{DbError, Reader};
use platform::sql;
use platform::sql::Sql;

const READ: Sql = sql!("read_merchant");

/// A merchant as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Merchant {
    /// Its id.
    pub id: MerchantId,
    /// Its code as given.
    pub code: String,
    /// Name shown to people.
    pub display_name: String,
    /// When it was created.
    pub created_time: Timestamp,
}

/// A merchant, if there is one with this id.
///
/// # Errors
/// As [`Reader::query`].
pub async fn read(reader: &mut Reader, id: MerchantId) -> Result<Option<Merchant>, DbError> {
    let row = reader.query_opt(&READ, &[&id.uuid()]).await?;
    Ok(row.map(|row| Merchant {
        id: MerchantId::from_uuid(row.get("id")),
        code: row.get("code"),
        display_name: row.get("display_name"),
        created_time: row.get("created_time"),
    }))
}
