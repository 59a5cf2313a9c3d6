//! `ReleaseReservation`.

use contract::purser::inventory::v1 as pb;
use kernel::Refusal;
use platform::grpc::Fields;
use tonic::Request;

use super::{Deps, parse, reply};
use crate::commands::{Changed, ReleaseReservation, StockCommand};

pub async fn handle(
    deps: &Deps,
    request: Request<pb::ReleaseReservationRequest>,
) -> Result<(pb::ReleaseReservationResponse, bool), Refusal> {
    let (actor, deadline) = parse::caller(&request)?;
    let request = request.into_inner();
    let mut fields = Fields::new();
    let merchant_id = fields.id("merchant_id", &request.merchant_id);
    let key = fields.key(&request.idempotency_key);
    let reservation_id = fields.id("reservation_id", &request.reservation_id);
    let wall = deps.inventory.clock.wall();
    let command = fields.finish(ReleaseReservation::new(merchant_id, key, reservation_id, actor, wall))?;

    let done = deps.inventory.change(StockCommand::Release(command), deadline).await?;
    let Changed::Reservation { reservation, no_op } = done.value else {
        return Err(reply::mixed_up("ReleaseReservation"));
    };
    let reservation = Some(reply::reservation(&reservation, deps.inventory.clock.now()));
    let replayed = done.replayed;
    Ok((pb::ReleaseReservationResponse { reservation, replayed, no_op }, replayed))
}
