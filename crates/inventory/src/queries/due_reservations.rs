//! Reservations whose time is over.

use kernel::id::ReservationId;
use kernel::{MerchantId, Timestamp};
use platform::db::{DbError, Reader};
use platform::sql;
use platform::sql::Sql;
use tokio_postgres::Row;

use crate::commands::ExpireReservation;

const DUE: Sql = sql!("due_reservations");

/// What ends overdue reservations, oldest first, at most `limit`.
///
/// # Errors
/// As [`Reader::query`].
pub async fn due_reservations(
    reader: &mut Reader,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<ExpireReservation>, DbError> {
    let rows = reader.query(&DUE, &[&now, &limit]).await?;
    Ok(rows.iter().map(expiry).collect())
}

fn expiry(row: &Row) -> ExpireReservation {
    ExpireReservation {
        merchant_id: MerchantId::from_uuid(row.get("merchant_id")),
        reservation_id: ReservationId::from_uuid(row.get("reservation_id")),
        lines: usize::try_from(row.get::<_, i32>("lines")).unwrap_or_default(),
    }
}
