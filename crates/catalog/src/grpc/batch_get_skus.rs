//! `BatchGetSkus`.

use std::collections::HashMap;

use contract::purser::catalog::v1 as proto;
use kernel::{MerchantId, Refusal, SkuId};
use platform::grpc::Fields;

use super::wire;
use crate::Deps;
use crate::queries::skus::{self, Sku};

const IDS_MAX: usize = 500;

pub(super) async fn call(
    deps: &Deps,
    request: &proto::BatchGetSkusRequest,
) -> Result<proto::BatchGetSkusResponse, Refusal> {
    let (merchant_id, ids) = parse(request)?;
    let mut reader = deps.database.read().await?;
    let found = skus::by_id(&mut reader, deps.clock.now(), merchant_id, &ids).await?;
    let found: HashMap<SkuId, Sku> = found.into_iter().map(|sku| (sku.id, sku)).collect();
    let missing = ids.iter().filter(|id| !found.contains_key(id)).map(ToString::to_string);
    Ok(proto::BatchGetSkusResponse {
        missing_sku_ids: missing.collect(),
        skus: ids.iter().filter_map(|id| found.get(id).cloned()).map(wire::sku).collect(),
    })
}

fn parse(request: &proto::BatchGetSkusRequest) -> Result<(MerchantId, Vec<SkuId>), Refusal> {
    let mut fields = Fields::new();
    let merchant_id = fields.id("merchant_id", &request.merchant_id);
    let ids = fields.each("sku_ids", &request.sku_ids, 1..=IDS_MAX, |fields, id| fields.id("", id));
    fields.finish((merchant_id, ids))
}
