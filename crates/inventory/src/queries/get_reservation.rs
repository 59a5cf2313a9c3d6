//! `GetReservation`.

use kernel::MerchantId;
use kernel::id::ReservationId;
use platform::db::{DbError, Reader};
use platform::sql;
use platform::sql::Sql;

use crate::domain::reservation::Reservation;
use crate::store::reservations::reservation;

const GET: Sql = sql!("get_reservation");

/// A merchant's reservation; `None` when there is none, or it is another's.
///
/// # Errors
/// As [`Reader::query_opt`].
pub async fn get_reservation(
    reader: &mut Reader,
    merchant_id: MerchantId,
    reservation_id: ReservationId,
) -> Result<Option<Reservation>, DbError> {
    let row = reader.query_opt(&GET, &[&reservation_id.uuid(), &merchant_id.uuid()]).await?;
    Ok(row.as_ref().map(reservation))
}
