//! `GetReservation`.

use contract::purser::inventory::v1 as pb;
use kernel::id::ReservationId;
use kernel::{MerchantId, Reason, Refusal};
use platform::grpc::Fields;

use super::{Deps, reply};
use crate::queries;

pub async fn handle(
    deps: &Deps,
    request: pb::GetReservationRequest,
) -> Result<pb::GetReservationResponse, Refusal> {
    let mut fields = Fields::new();
    let merchant_id: MerchantId = fields.id("merchant_id", &request.merchant_id);
    let reservation_id: ReservationId = fields.id("reservation_id", &request.reservation_id);
    fields.finish(())?;

    let mut reader = deps.inventory.database.read().await?;
    let found = queries::get_reservation(&mut reader, merchant_id, reservation_id).await?;
    let not_found = || Refusal::not_found(Reason::ReservationNotFound, "reservation", reservation_id);
    let reservation = reply::reservation(&found.ok_or_else(not_found)?, deps.inventory.clock.now());
    Ok(pb::GetReservationResponse { reservation: Some(reservation) })
}
