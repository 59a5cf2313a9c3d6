//! `ListMovements`.

use kernel::id::MovementId;
use kernel::{MerchantId, SkuId, Timestamp};
use platform::db::{DbError, Reader};
use platform::sql;
use platform::sql::Sql;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::domain::stock::{MovementKind, Owner};

const LIST: Sql = sql!("list_movements");

/// A row of the ledger.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListedMovement {
    /// Its id.
    pub movement_id: MovementId,
    /// The SKU.
    pub sku_id: SkuId,
    /// The location's code.
    pub location: String,
    /// What happened.
    pub kind: MovementKind,
    /// Change of on hand.
    pub on_hand_delta: i64,
    /// Change of reserved.
    pub reserved_delta: i64,
    /// On hand afterwards.
    pub on_hand_after: i64,
    /// Reserved afterwards.
    pub reserved_after: i64,
    /// The order or reservation it was for.
    pub owner: Option<Owner>,
    /// Reason given by the caller.
    pub reason: String,
    /// Who caused it.
    pub actor: String,
    /// When it happened.
    pub created_time: Timestamp,
}

/// At most `limit` movements of a SKU, newest first, older than `before`.
///
/// # Errors
/// As [`Reader::query`].
pub async fn list_movements(
    reader: &mut Reader,
    merchant_id: MerchantId,
    sku_id: SkuId,
    before: Option<MovementId>,
    limit: i64,
) -> Result<Vec<ListedMovement>, DbError> {
    let before = before.map_or(Uuid::max(), |id| id.uuid());
    let rows = reader.query(&LIST, &[&merchant_id.uuid(), &sku_id.uuid(), &before, &limit]).await?;
    Ok(rows.iter().map(movement).collect())
}

fn movement(row: &Row) -> ListedMovement {
    let owner_id: Option<Uuid> = row.get("owner_id");
    let owner_kind: Option<&str> = row.get("owner_kind");
    ListedMovement {
        movement_id: MovementId::from_uuid(row.get("id")),
        sku_id: SkuId::from_uuid(row.get("sku_id")),
        location: row.get("location"),
        kind: MovementKind::stored(row.get("kind")),
        on_hand_delta: row.get("on_hand_delta"),
        reserved_delta: row.get("reserved_delta"),
        on_hand_after: row.get("on_hand_after"),
        reserved_after: row.get("reserved_after"),
        owner: owner_id.zip(owner_kind).map(|(id, kind)| Owner::stored(kind, id)),
        reason: row.get("reason"),
        actor: row.get("actor"),
        created_time: row.get("created_time"),
    }
}
