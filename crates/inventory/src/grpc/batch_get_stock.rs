//! `BatchGetStock`.

use contract::purser::inventory::v1 as pb;
use kernel::{MerchantId, Refusal, SkuId};
use platform::grpc::Fields;

use super::{Deps, parse, reply};
use crate::queries;

pub async fn handle(
    deps: &Deps,
    request: pb::BatchGetStockRequest,
) -> Result<pb::BatchGetStockResponse, Refusal> {
    let mut fields = Fields::new();
    let merchant_id: MerchantId = fields.id("merchant_id", &request.merchant_id);
    let mut skus: Vec<SkuId> = Vec::new();
    if fields.count("sku_ids", request.sku_ids.len(), 1..=parse::LINES_MAX) {
        for (at, sku_id) in request.sku_ids.iter().enumerate() {
            skus.push(fields.id(&format!("sku_ids[{at}]"), sku_id));
        }
    }
    fields.finish(())?;

    let mut reader = deps.inventory.database.read().await?;
    let levels = queries::get_stock(&mut reader, merchant_id, &skus).await?;
    Ok(pb::BatchGetStockResponse { levels: reply::levels(&levels) })
}
