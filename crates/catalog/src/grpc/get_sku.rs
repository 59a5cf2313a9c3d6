//! `GetSku`.

use contract::purser::catalog::v1 as proto;
use kernel::{MerchantId, Reason, Refusal, SkuId};
use platform::grpc::Fields;
use proto::get_sku_request::Sku as Asked;

use super::wire;
use crate::Deps;
use crate::domain::code;
use crate::queries::skus;

enum Which {
    Id(SkuId),
    Code(String),
}

pub(super) async fn call(
    deps: &Deps,
    request: &proto::GetSkuRequest,
) -> Result<proto::GetSkuResponse, Refusal> {
    let (merchant_id, which) = parse(request)?;
    let mut reader = deps.database.read().await?;
    let now = deps.clock.now();
    let (found, name) = match which {
        Which::Id(id) => (skus::by_id(&mut reader, now, merchant_id, &[id]).await?, id.to_string()),
        Which::Code(code) => {
            (skus::by_code(&mut reader, now, merchant_id, &[&code::fold(&code)]).await?, code)
        }
    };
    let missing = || Refusal::not_found(Reason::SkuNotFound, "sku", name);
    let sku = found.into_iter().next().ok_or_else(missing)?;
    Ok(proto::GetSkuResponse { sku: Some(wire::sku(sku)) })
}

fn parse(request: &proto::GetSkuRequest) -> Result<(MerchantId, Which), Refusal> {
    let mut fields = Fields::new();
    let merchant_id = fields.id("merchant_id", &request.merchant_id);
    let which = match &request.sku {
        Some(Asked::SkuId(id)) => Which::Id(fields.id("sku_id", id)),
        Some(Asked::SkuCode(code)) => {
            Which::Code(fields.reference("sku_code", code, 1..=code::SKU_CHARS_MAX))
        }
        None => {
            fields.violation("sku_id", "is required, unless sku_code is given");
            Which::Code(String::new())
        }
    };
    fields.finish((merchant_id, which))
}
