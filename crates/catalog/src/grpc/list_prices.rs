//! `ListPrices`.

use contract::purser::catalog::v1 as proto;
use kernel::{MerchantId, Reason, Refusal, SkuId, Timestamp};
use platform::grpc::{Fields, page};

use super::wire;
use crate::Deps;
use crate::queries::list_prices::{self, Cursor};

pub(super) async fn call(
    deps: &Deps,
    request: &proto::ListPricesRequest,
) -> Result<proto::ListPricesResponse, Refusal> {
    let (merchant_id, sku_id, size) = parse(request)?;
    let query = format!("ListPrices|{merchant_id}|{sku_id}");
    let cursor = page::open(&deps.page_tokens, &query, &request.page_token)?;
    let after = cursor.map(|cursor| read_cursor(&cursor).ok_or_else(page::invalid_token)).transpose()?;
    let mut reader = deps.database.read().await?;
    let found = list_prices::list(&mut reader, merchant_id, sku_id, after.as_ref(), size).await?;
    let (prices, next) = found.ok_or_else(|| Refusal::not_found(Reason::SkuNotFound, "sku", sku_id))?;
    let next = next.as_ref().map(write_cursor);
    Ok(proto::ListPricesResponse {
        prices: prices.into_iter().map(|price| wire::price(sku_id, price)).collect(),
        next_page_token: page::seal(&deps.page_tokens, &query, next.as_deref()),
    })
}

fn parse(request: &proto::ListPricesRequest) -> Result<(MerchantId, SkuId, i64), Refusal> {
    let mut fields = Fields::new();
    let merchant_id = fields.id("merchant_id", &request.merchant_id);
    let sku_id = fields.id("sku_id", &request.sku_id);
    let size = page::page_size(&mut fields, request.page_size);
    fields.finish((merchant_id, sku_id, size))
}

fn write_cursor((start, currency): &Cursor) -> Vec<u8> {
    let mut bytes = start.unix_timestamp_nanos().to_be_bytes().to_vec();
    bytes.extend_from_slice(currency.as_bytes());
    bytes
}

fn read_cursor(bytes: &[u8]) -> Option<Cursor> {
    let (nanos, currency) = bytes.split_first_chunk()?;
    let start = Timestamp::from_unix_timestamp_nanos(i128::from_be_bytes(*nanos)).ok()?;
    Some((start, String::from_utf8(currency.to_vec()).ok()?))
}
