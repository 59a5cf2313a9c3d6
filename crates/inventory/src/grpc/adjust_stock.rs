//! `AdjustStock`.

use contract::purser::inventory::v1 as pb;
use kernel::Refusal;
use platform::grpc::Fields;
use tonic::Request;

use super::{Deps, parse, reply};
use crate::commands::{AdjustStock, Changed, StockCommand};
use crate::domain::stock::{Adjustment, StockKey};

const UNITS_MAX: i64 = 1_000_000_000;

pub async fn handle(
    deps: &Deps,
    request: Request<pb::AdjustStockRequest>,
) -> Result<(pb::AdjustStockResponse, bool), Refusal> {
    let (actor, deadline) = parse::caller(&request)?;
    let request = request.into_inner();
    let mut fields = Fields::new();
    let key = fields.key(&request.idempotency_key);
    let stock = StockKey {
        merchant_id: fields.id("merchant_id", &request.merchant_id),
        sku_id: fields.id("sku_id", &request.sku_id),
        location: fields.location("location", &request.location).into(),
    };
    let reason = fields.text("reason", &request.reason, 1..=200);
    let on_hand_delta = fields.quantity("on_hand_delta", request.on_hand_delta, -UNITS_MAX..=UNITS_MAX);
    let safety = request.safety.map(|safety| fields.quantity("safety", safety, 0..=UNITS_MAX));
    if on_hand_delta == 0 && safety.is_none() {
        fields.violation("on_hand_delta", "must not be zero unless safety is given");
    }
    let adjustment = Adjustment { key: stock, on_hand_delta, safety, force: request.force };
    let wall = deps.inventory.clock.wall();
    let command = fields.finish(AdjustStock::new(key, adjustment, reason, actor, wall))?;

    let done = deps.inventory.change(StockCommand::Adjust(command), deadline).await?;
    let Changed::Levels(levels) = done.value else { return Err(reply::mixed_up("AdjustStock")) };
    let replayed = done.replayed;
    Ok((pb::AdjustStockResponse { level: levels.first().map(reply::level), replayed }, replayed))
}
