//! `ListStock`.

use contract::purser::inventory::v1 as pb;
use kernel::{MerchantId, Refusal, SkuId};
use platform::grpc::{Fields, page};
use uuid::Uuid;

use super::{Deps, parse, reply};
use crate::commands::Level;
use crate::queries;

pub async fn handle(deps: &Deps, request: pb::ListStockRequest) -> Result<pb::ListStockResponse, Refusal> {
    let mut fields = Fields::new();
    let merchant_id: MerchantId = fields.id("merchant_id", &request.merchant_id);
    let location = (!request.location.is_empty()).then(|| fields.location("location", &request.location));
    let size = page::page_size(&mut fields, request.page_size);
    fields.finish(())?;
    let query = format!("ListStock|{merchant_id}|{}", location.as_deref().unwrap_or_default());
    let cursor = page::open(&deps.tokens, &query, &request.page_token)?;
    let after = cursor.as_deref().map(read_cursor).transpose()?;

    let mut reader = deps.inventory.database.read().await?;
    let mut levels =
        queries::list_stock(&mut reader, merchant_id, location.as_deref(), after, size + 1).await?;
    let next = parse::cut(&mut levels, size).map(cursor_of);
    Ok(pb::ListStockResponse {
        levels: reply::levels(&levels),
        next_page_token: page::seal(&deps.tokens, &query, next.as_deref()),
    })
}

/// A cursor is the last row's SKU and location.
fn cursor_of(last: &Level) -> Vec<u8> {
    [last.key.sku_id.uuid().as_bytes(), last.key.location.as_str().as_bytes()].concat()
}

fn read_cursor(cursor: &[u8]) -> Result<(SkuId, &str), Refusal> {
    let (sku, location) = cursor.split_at_checked(16).ok_or_else(page::invalid_token)?;
    let sku = Uuid::from_slice(sku).map_err(|_| page::invalid_token())?;
    let location = std::str::from_utf8(location).map_err(|_| page::invalid_token())?;
    Ok((SkuId::from_uuid(sku), location))
}
