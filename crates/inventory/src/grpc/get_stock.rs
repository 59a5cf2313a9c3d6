//! `GetStock`.

use contract::purser::inventory::v1 as pb;
use kernel::{MerchantId, Reason, Refusal, SkuId};
use platform::grpc::Fields;

use super::{Deps, reply};
use crate::queries;

pub async fn handle(deps: &Deps, request: pb::GetStockRequest) -> Result<pb::GetStockResponse, Refusal> {
    let mut fields = Fields::new();
    let merchant_id: MerchantId = fields.id("merchant_id", &request.merchant_id);
    let sku_id: SkuId = fields.id("sku_id", &request.sku_id);
    fields.finish(())?;

    let mut reader = deps.inventory.database.read().await?;
    let levels = queries::get_stock(&mut reader, merchant_id, &[sku_id]).await?;
    if levels.is_empty() && !deps.inventory.skus.exists(&mut reader, merchant_id, sku_id).await? {
        return Err(Refusal::not_found(Reason::SkuNotFound, "sku", sku_id));
    }
    Ok(pb::GetStockResponse { levels: reply::levels(&levels) })
}
