//! `UpsertSkus`.

use contract::purser::catalog::v1 as proto;
use kernel::Refusal;
use platform::grpc::Fields;

use super::wire;
use crate::Deps;
use crate::commands::upsert_skus::{SkuUpsert, UpsertSkus, upsert_skus};
use crate::domain::code;
use crate::queries::skus;
use crate::store::skus::Details;

const SKUS_MAX: usize = 500;

pub(super) async fn call(
    deps: &Deps,
    request: &proto::UpsertSkusRequest,
) -> Result<proto::UpsertSkusResponse, Refusal> {
    let command = parse(request)?;
    let written = upsert_skus(deps, &command).await?;
    let code_keys: Vec<&str> = command.skus.iter().map(|sku| sku.code_key.as_str()).collect();
    let mut reader = deps.database.read().await?;
    let skus = skus::by_code(&mut reader, deps.clock.now(), command.merchant_id, &code_keys).await?;
    Ok(proto::UpsertSkusResponse {
        skus: skus.into_iter().map(wire::sku).collect(),
        replayed: written.replayed,
    })
}

fn parse(request: &proto::UpsertSkusRequest) -> Result<UpsertSkus, Refusal> {
    let mut fields = Fields::new();
    let command = UpsertSkus {
        merchant_id: fields.id("merchant_id", &request.merchant_id),
        key: fields.key(&request.idempotency_key),
        skus: fields.each("skus", &request.skus, 1..=SKUS_MAX, sku),
    };
    // A bad code is none that could come twice.
    let codes = command.skus.iter().enumerate().map(|(index, sku)| match sku.code_key.as_str() {
        "" => Err(index),
        code_key => Ok(code_key),
    });
    fields.distinct("skus", "sku_code", codes);
    fields.finish(command)
}

fn sku(fields: &mut Fields, sku: &proto::SkuUpsert) -> SkuUpsert {
    let code = fields.reference("sku_code", &sku.sku_code, 1..=code::SKU_CHARS_MAX);
    let code_key = code::fold(&code);
    if code_key.chars().count() > code::SKU_CHARS_MAX {
        fields.violation("sku_code", "must have 1 to 64 characters also where case is folded");
    }
    let unit_price = sku.unit_price.as_ref();
    SkuUpsert {
        code,
        code_key,
        details: Details {
            product_id: fields.optional_id("product_id", &sku.product_id),
            display_name: fields.text("display_name", &sku.display_name, 1..=200),
            tracks_stock: !sku.untracked,
            active: !sku.retired,
        },
        unit_price: unit_price
            .map(|money| fields.amount("unit_price", &money.currency_code, money.minor_units)),
    }
}
