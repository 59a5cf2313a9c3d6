//! `SetPrice`.

use contract::purser::catalog::v1 as proto;
use kernel::{Money, Refusal, Timestamp};
use platform::grpc::Fields;

use super::wire;
use crate::Deps;
use crate::commands::set_price::{PAST, START, SetPrice, set_price};
use crate::queries::list_prices;

pub(super) async fn call(
    deps: &Deps,
    request: &proto::SetPriceRequest,
) -> Result<proto::SetPriceResponse, Refusal> {
    let command = parse(request, deps.clock.now())?;
    let written = set_price(deps, &command).await?;
    let SetPrice { merchant_id, sku_id, unit_price, start_time, .. } = command;
    let since = start_time.unwrap_or(written.time);
    let mut reader = deps.database.read().await?;
    let price = list_prices::first_since(&mut reader, merchant_id, sku_id, unit_price, since).await?;
    Ok(proto::SetPriceResponse {
        price: Some(wire::price(sku_id, price.ok_or_else(Refusal::internal)?)),
        replayed: written.replayed,
    })
}

fn parse(request: &proto::SetPriceRequest, now: Timestamp) -> Result<SetPrice, Refusal> {
    let mut fields = Fields::new();
    let command = SetPrice {
        merchant_id: fields.id("merchant_id", &request.merchant_id),
        key: fields.key(&request.idempotency_key),
        sku_id: fields.id("sku_id", &request.sku_id),
        unit_price: unit_price(&mut fields, request),
        start_time: fields.optional_timestamp(START, request.start_time.as_ref()),
    };
    // Alone, a moment that is past by now may be a repetition of one that was not: the command decides that, under its
    // key. Beside other bad fields it is certainly none. (A malformed one
    // was named already; the epoch stands in for it.)
    if !fields.is_clean()
        && command.start_time.is_some_and(|start| start > Timestamp::UNIX_EPOCH && start < now)
    {
        fields.violation(START, PAST);
    }
    fields.finish(command)
}

fn unit_price(fields: &mut Fields, request: &proto::SetPriceRequest) -> Money {
    match &request.unit_price {
        Some(money) => fields.amount("unit_price", &money.currency_code, money.minor_units),
        None => {
            fields.missing("unit_price");
            // Nobody sees it: the request is refused.
            Money::zero(Fields::new().currency("", "XXX"))
        }
    }
}
