//! Provider references: each belongs to one operation for ever.

use std::collections::BTreeMap;

use kernel::id::{OperationId, PaymentId};
use kernel::{Id, MerchantId};
use platform::db::{DbError, LockClass, Tx};
use platform::sql;
use platform::sql::Sql;
use tokio_postgres::Row;
use uuid::Uuid;

const CLAIM: Sql = sql!("claim_references");
const READ: Sql = sql!("read_references");

pub(crate) const STATEMENTS: [&Sql; 2] = [&CLAIM, &READ];

/// A reference as the provider gave it; sorts as the primary key does.
pub(crate) type ReferenceKey = (MerchantId, String);

/// Claims references and tells whose each is now. A reference that is wanted twice goes to the first.
pub(crate) async fn claim(
    tx: &Tx,
    provider: &str,
    wanted: Vec<(ReferenceKey, OperationId, PaymentId)>,
) -> Result<BTreeMap<ReferenceKey, OperationId>, DbError> {
    let mut first: BTreeMap<ReferenceKey, (OperationId, PaymentId)> = BTreeMap::new();
    for (key, operation, payment) in wanted {
        first.entry(key).or_insert((operation, payment));
    }
    if first.is_empty() {
        return Ok(BTreeMap::new());
    }
    tx.reach(LockClass::Claims, CLAIM.name)?;
    let merchants: Vec<Uuid> = first.keys().map(|(merchant, _)| merchant.uuid()).collect();
    let references: Vec<&str> = first.keys().map(|(_, reference)| reference.as_str()).collect();
    let operations: Vec<Uuid> = first.values().map(|(operation, _)| operation.uuid()).collect();
    let payments: Vec<Uuid> = first.values().map(|(_, payment)| payment.uuid()).collect();
    let rows = tx.query(&CLAIM, &[&merchants, &provider, &references, &operations, &payments]).await?;
    let mut owners: BTreeMap<ReferenceKey, OperationId> = rows.iter().map(owner).collect();
    if owners.len() < first.len() {
        // A statement of its own: the one that claimed could not see them.
        let rows = tx.query(&READ, &[&merchants, &provider, &references]).await?;
        owners.extend(rows.iter().map(owner));
    }
    Ok(owners)
}

fn owner(row: &Row) -> (ReferenceKey, OperationId) {
    let key = (Id::from_uuid(row.get("merchant_id")), row.get("provider_reference"));
    (key, Id::from_uuid(row.get("operation_id")))
}
