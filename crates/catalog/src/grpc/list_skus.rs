//! `ListSkus`.

use contract::purser::catalog::v1 as proto;
use kernel::{MerchantId, Refusal};
use platform::grpc::{Fields, page};

use super::wire;
use crate::Deps;
use crate::queries::skus;

pub(super) async fn call(
    deps: &Deps,
    request: &proto::ListSkusRequest,
) -> Result<proto::ListSkusResponse, Refusal> {
    let (merchant_id, size) = parse(request)?;
    let query = format!("ListSkus|{merchant_id}");
    let cursor = page::open(&deps.page_tokens, &query, &request.page_token)?;
    let after = cursor.map(String::from_utf8).transpose().map_err(|_| page::invalid_token())?;
    let mut reader = deps.database.read().await?;
    let (skus, next) = skus::list(&mut reader, deps.clock.now(), merchant_id, after.as_deref(), size).await?;
    Ok(proto::ListSkusResponse {
        skus: skus.into_iter().map(wire::sku).collect(),
        next_page_token: page::seal(&deps.page_tokens, &query, next.as_deref().map(str::as_bytes)),
    })
}

fn parse(request: &proto::ListSkusRequest) -> Result<(MerchantId, i64), Refusal> {
    let mut fields = Fields::new();
    let merchant_id = fields.id("merchant_id", &request.merchant_id);
    let size = page::page_size(&mut fields, request.page_size);
    fields.finish((merchant_id, size))
}
