//! `CreateMerchant`.

use contract::purser::catalog::v1 as proto;
use kernel::{MerchantId, Refusal};
use platform::grpc::Fields;

use super::wire;
use crate::Deps;
use crate::commands::create_merchant::{CreateMerchant, create_merchant};
use crate::queries::merchants;

pub(super) async fn call(
    deps: &Deps,
    request: &proto::CreateMerchantRequest,
) -> Result<proto::CreateMerchantResponse, Refusal> {
    let written = create_merchant(deps, parse(request)?).await?;
    let mut reader = deps.database.read().await?;
    let merchant = merchants::read(&mut reader, MerchantId::from_uuid(written.resource_id)).await?;
    Ok(proto::CreateMerchantResponse {
        merchant: Some(wire::merchant(merchant.ok_or_else(Refusal::internal)?)),
        replayed: written.replayed,
    })
}

fn parse(request: &proto::CreateMerchantRequest) -> Result<CreateMerchant, Refusal> {
    let mut fields = Fields::new();
    let command = CreateMerchant {
        key: fields.key(&request.idempotency_key),
        code: fields.code("code", &request.code, 2..=40, "-"),
        display_name: fields.text("display_name", &request.display_name, 1..=200),
    };
    fields.finish(command)
}
