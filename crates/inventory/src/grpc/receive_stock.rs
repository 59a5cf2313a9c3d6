//! `ReceiveStock`.

use contract::purser::inventory::v1 as pb;
use kernel::Refusal;
use platform::grpc::Fields;
use tonic::Request;

use super::{Deps, parse, reply};
use crate::commands::{Changed, ReceiveStock, StockCommand};

const QUANTITY_MAX: i64 = 1_000_000_000;

pub async fn handle(
    deps: &Deps,
    request: Request<pb::ReceiveStockRequest>,
) -> Result<(pb::ReceiveStockResponse, bool), Refusal> {
    let (actor, deadline) = parse::caller(&request)?;
    let request = request.into_inner();
    let mut fields = Fields::new();
    let merchant_id = fields.id("merchant_id", &request.merchant_id);
    let key = fields.key(&request.idempotency_key);
    let reason = fields.text("reason", &request.reason, 0..=200);
    let lines = fields.each("lines", &request.lines, 1..=parse::LINES_MAX, |fields, line| {
        parse::line(fields, &line.sku_id, &line.location, line.quantity, QUANTITY_MAX)
    });
    parse::distinct(&mut fields, &lines);
    let wall = deps.inventory.clock.wall();
    let command = fields.finish(ReceiveStock::new(merchant_id, key, lines, reason, actor, wall))?;

    let done = deps.inventory.change(StockCommand::Receive(command), deadline).await?;
    let Changed::Levels(levels) = done.value else { return Err(reply::mixed_up("ReceiveStock")) };
    let replayed = done.replayed;
    Ok((pb::ReceiveStockResponse { levels: reply::levels(&levels), replayed }, replayed))
}
