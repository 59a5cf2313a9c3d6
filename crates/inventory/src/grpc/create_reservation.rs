//! `CreateReservation`.

use std::time::Duration;

use contract::purser::inventory::v1 as pb;
use kernel::Refusal;
use platform::grpc::Fields;
use tonic::Request;

use super::{Deps, parse, reply};
use crate::commands::{Changed, CreateReservation, StockCommand};

const QUANTITY_MAX: i64 = 1_000_000;
const HOLD_DEFAULT: Duration = Duration::from_secs(15 * 60);
const HOLD_MAX: Duration = Duration::from_secs(24 * 60 * 60);

pub async fn handle(
    deps: &Deps,
    request: Request<pb::CreateReservationRequest>,
) -> Result<(pb::CreateReservationResponse, bool), Refusal> {
    let (actor, deadline) = parse::caller(&request)?;
    let request = request.into_inner();
    let mut fields = Fields::new();
    let merchant_id = fields.id("merchant_id", &request.merchant_id);
    let key = fields.key(&request.idempotency_key);
    let lines = fields.each("lines", &request.lines, 1..=parse::LINES_MAX, |fields, line| {
        parse::line(fields, &line.sku_id, &line.location, line.quantity, QUANTITY_MAX)
    });
    parse::distinct(&mut fields, &lines);
    let hold = match &request.hold_duration {
        Some(duration) => fields.duration("hold_duration", duration, Duration::from_secs(1)..=HOLD_MAX),
        None => HOLD_DEFAULT,
    };
    let wall = deps.inventory.clock.wall();
    let command = fields.finish(CreateReservation::new(merchant_id, key, lines, hold, actor, wall))?;

    let done = deps.inventory.change(StockCommand::Create(command), deadline).await?;
    let Changed::Reservation { reservation, .. } = done.value else {
        return Err(reply::mixed_up("CreateReservation"));
    };
    let reservation = Some(reply::reservation(&reservation, deps.inventory.clock.now()));
    let replayed = done.replayed;
    Ok((pb::CreateReservationResponse { reservation, replayed }, replayed))
}
