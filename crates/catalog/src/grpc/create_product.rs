//! `CreateProduct`.

use contract::purser::catalog::v1 as proto;
use kernel::Refusal;
use kernel::id::ProductId;
use platform::grpc::Fields;

use super::wire;
use crate::Deps;
use crate::commands::create_product::{CreateProduct, create_product};
use crate::queries::products;

pub(super) async fn call(
    deps: &Deps,
    request: &proto::CreateProductRequest,
) -> Result<proto::CreateProductResponse, Refusal> {
    let command = parse(request)?;
    let merchant_id = command.merchant_id;
    let written = create_product(deps, command).await?;
    let mut reader = deps.database.read().await?;
    let product = products::read(&mut reader, merchant_id, ProductId::from_uuid(written.resource_id)).await?;
    Ok(proto::CreateProductResponse {
        product: Some(wire::product(product.ok_or_else(Refusal::internal)?)),
        replayed: written.replayed,
    })
}

fn parse(request: &proto::CreateProductRequest) -> Result<CreateProduct, Refusal> {
    let mut fields = Fields::new();
    let command = CreateProduct {
        merchant_id: fields.id("merchant_id", &request.merchant_id),
        key: fields.key(&request.idempotency_key),
        display_name: fields.text("display_name", &request.display_name, 1..=200),
    };
    fields.finish(command)
}
