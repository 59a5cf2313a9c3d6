//! `ListMovements`.

use contract::purser::inventory::v1 as pb;
use kernel::id::MovementId;
use kernel::{MerchantId, Refusal, SkuId};
use platform::grpc::{Fields, page};
use uuid::Uuid;

use super::{Deps, parse, reply};
use crate::queries;

pub async fn handle(
    deps: &Deps,
    request: pb::ListMovementsRequest,
) -> Result<pb::ListMovementsResponse, Refusal> {
    let mut fields = Fields::new();
    let merchant_id: MerchantId = fields.id("merchant_id", &request.merchant_id);
    let sku_id: SkuId = fields.id("sku_id", &request.sku_id);
    let size = page::page_size(&mut fields, request.page_size);
    fields.finish(())?;
    let query = format!("ListMovements|{merchant_id}|{sku_id}");
    let cursor = page::open(&deps.tokens, &query, &request.page_token)?;
    let before = match cursor {
        Some(cursor) => {
            Some(MovementId::from_uuid(Uuid::from_slice(&cursor).map_err(|_| page::invalid_token())?))
        }
        None => None,
    };

    let mut reader = deps.inventory.database.read().await?;
    let mut movements = queries::list_movements(&mut reader, merchant_id, sku_id, before, size + 1).await?;
    let next = parse::cut(&mut movements, size).map(|last| last.movement_id.uuid().as_bytes().to_vec());
    Ok(pb::ListMovementsResponse {
        movements: movements.iter().map(reply::movement).collect(),
        next_page_token: page::seal(&deps.tokens, &query, next.as_deref()),
    })
}
