//! What a key stands for, read outside of any transaction.

use kernel::{IdempotencyKey, Refusal};
use uuid::Uuid;

use super::{Earlier, Outcome, Scope};
use crate::db::{DbError, Reader};
use crate::sql;
use crate::sql::Sql;

const FIND: Sql = sql!("find_key");

/// The method that a key was used for, and what came of it; `None` for a key that is free.
///
/// # Errors
/// As [`Reader::query`].
pub async fn find(
    reader: &mut Reader,
    scope: &Scope,
    key: &IdempotencyKey,
) -> Result<Option<(String, Earlier)>, DbError> {
    let row = reader.query_opt(&FIND, &[&scope.merchant_uuid(), &scope.name(), &key.as_bytes()]).await?;
    Ok(row.map(|row| {
        let outcome = match row.get::<_, &str>("outcome") {
            "OPEN" => Outcome::Open,
            "REFUSED" => Outcome::Refused(Box::new(
                serde_json::from_value(row.get("refusal")).unwrap_or_else(|_| Refusal::internal()),
            )),
            _ => Outcome::Done,
        };
        let resource_id: Uuid = row.get("resource_id");
        (row.get("method"), Earlier { resource_id, outcome, first_time: row.get("created_time") })
    }))
}
