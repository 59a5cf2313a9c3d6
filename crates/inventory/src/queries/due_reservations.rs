//! Reservations whose time is over.

use kernel::id::ReservationId;
use kernel::{MerchantId, Timestamp};
use platform::db::{DbError, Reader};
use platform::sql;
use platform::sql::Sql;

const DUE: Sql = sql!("due_reservations");

/// Overdue reservations, oldest first, at most `limit`.
///
/// # Errors
/// As [`Reader::query`].
pub async fn due_reservations(
    reader: &mut Reader,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<(MerchantId, ReservationId)>, DbError> {
    let rows = reader.query(&DUE, &[&now, &limit]).await?;
    let name = |row: &tokio_postgres::Row| {
        (MerchantId::from_uuid(row.get("merchant_id")), ReservationId::from_uuid(row.get("reservation_id")))
    };
    Ok(rows.iter().map(name).collect())
}
