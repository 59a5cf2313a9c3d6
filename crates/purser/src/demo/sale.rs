//! A small shop that sells by hand: one order is paid, one card is declined, one basket asks for too much.

use std::collections::BTreeMap;

use contract::purser::order::v1::order::State;
use contract::purser::order::v1::{
    Order, PlaceOrderLine, PlaceOrderPayment, PlaceOrderRequest, PlaceOrderResponse,
};

use crate::replay::ReplayError;
use crate::replay::plan::{Plan, PlannedSku};
use crate::replay::prepare::{Ids, prepare};
use crate::replay::progress::Progress;
use crate::replay::service::{Answer, CallError, Service};
use crate::replay::verdict::Refused;

const CALL: &str = "PlaceOrder";

/// What the shop did, and the ids to call it by.
#[derive(Debug, Clone)]
pub struct Sale {
    /// What happened, a line each.
    pub lines: Vec<String>,
    /// The merchant's id.
    pub merchant_id: String,
    /// The id of the mug, which has stock.
    pub mug_id: String,
    /// The paid order.
    pub order_id: String,
}

/// Opens the shop and sells.
///
/// # Errors
/// A call that had to work was refused, or the service does not answer.
pub async fn sell(service: &Service, progress: &Progress) -> Result<Sale, ReplayError> {
    let catalogue = catalogue();
    let ids = prepare(service, &catalogue, progress).await?;
    let shop = Shop { service, ids: &ids };
    let mut lines = vec![format!(
        "Merchant \"demo\" sells {}: 40 mugs and 100 tins of tea came in.",
        catalogue.skus.iter().map(|sku| sku.name.as_str()).collect::<Vec<_>>().join(", ")
    )];

    let basket = [(MUG, 2), (TEA, 3), (POSTAGE, 1)];
    let paid = shop.place("alice", &basket, "pm_card_visa").await.map_err(|error| error.fatal(CALL))?;
    let order = order_of(paid.message)?;
    lines.push(format!(
        "alice bought 2 mugs, 3 teas and postage for {}: order {} is {}.",
        total(&order),
        order.order_id,
        state(&order)
    ));

    let again = shop.place("alice", &basket, "pm_card_visa").await.map_err(|error| error.fatal(CALL))?;
    let (replayed, same) = (again.message.replayed, order_of(again.message)?.order_id == order.order_id);
    lines.push(match (replayed, same) {
        (true, true) => {
            "The same call with the same key again: the same order, and nothing charged twice.".to_owned()
        }
        _ => "The same call with the same key made ANOTHER order: that is a defect.".to_owned(),
    });

    let basket = [(TEA, 1)];
    let declined = shop.place("bob", &basket, "pm_card_chargeDeclinedInsufficientFunds").await;
    lines.push(declined_line(declined.map_err(|error| error.fatal(CALL))?.message)?);

    lines.push(match shop.place("carol", &[(MUG, 1_000), (TEA, 1)], "pm_card_visa").await {
        Err(CallError::Refused(refused)) => short_line(&refused),
        Err(error @ CallError::Fatal(_)) => return Err(error.fatal(CALL)),
        Ok(_) => "carol got 1,000 mugs out of 40: that is a defect.".to_owned(),
    });
    let (mug_id, order_id) = (ids.skus[MUG].clone(), order.order_id);
    Ok(Sale { lines, merchant_id: ids.merchant, mug_id, order_id })
}

const MUG: usize = 0;
const TEA: usize = 1;
const POSTAGE: usize = 2;

fn catalogue() -> Plan {
    let sku = |code: &str, name: &str, list_price, received| PlannedSku {
        code: code.to_owned(),
        name: name.to_owned(),
        list_price,
        tracked: received > 0,
        received,
    };
    Plan {
        merchant: "demo",
        merchant_name: "The Demo Shop",
        currency: "GBP",
        source: "opening".to_owned(),
        skus: vec![
            sku("MUG-BLUE", "Blue mug", 12_50, 40),
            sku("TEA-EARL-GREY", "Earl Grey tea", 4_80, 100),
            sku("POSTAGE", "Postage", 3_95, 0),
        ],
        orders: Vec::new(),
        skipped: BTreeMap::new(),
    }
}

struct Shop<'a> {
    service: &'a Service,
    ids: &'a Ids,
}

impl Shop<'_> {
    async fn place(
        &self,
        customer: &str,
        basket: &[(usize, i64)],
        method_token: &str,
    ) -> Result<Answer<PlaceOrderResponse>, CallError> {
        let line = |(sku, quantity): &(usize, i64)| PlaceOrderLine {
            sku_id: self.ids.skus[*sku].clone(),
            quantity: *quantity,
            ..PlaceOrderLine::default()
        };
        let request = PlaceOrderRequest {
            merchant_id: self.ids.merchant.clone(),
            idempotency_key: format!("demo/first-order-of/{customer}"),
            customer_id: customer.to_owned(),
            currency_code: "GBP".to_owned(),
            lines: basket.iter().map(line).collect(),
            payment: Some(PlaceOrderPayment { method_token: method_token.to_owned() }),
            ..PlaceOrderRequest::default()
        };
        self.service
            .call(CALL, request, |request| {
                let mut client = self.service.orders();
                async move { client.place_order(request).await }
            })
            .await
    }
}

fn order_of(response: PlaceOrderResponse) -> Result<Order, ReplayError> {
    response.order.ok_or(ReplayError::Incomplete { call: CALL, what: "the order" })
}

fn declined_line(response: PlaceOrderResponse) -> Result<String, ReplayError> {
    let failure = response.payment_failure.clone();
    let order = order_of(response)?;
    let why = failure.map(|failure| match failure.metadata.get("category") {
        Some(category) => format!("{}, {category}", failure.reason),
        None => failure.reason,
    });
    let stands = match order.state() {
        State::Pending => "is PENDING and may be paid by another card until its hold ends",
        State::Cancelled => "was cancelled when its hold ended",
        _ => "went on",
    };
    let why = why.map_or_else(String::new, |why| format!(" ({why})"));
    Ok(format!("bob's card was declined{why}: order {} {stands}.", order.order_id))
}

fn short_line(refused: &Refused) -> String {
    let short: Vec<String> = refused
        .short
        .iter()
        .map(|line| format!("{} wanted {}, available {}", line.sku_code, line.wanted, line.available))
        .collect();
    format!(
        "carol wanted 1,000 mugs and a tea: {} ({}). Nothing was reserved.",
        refused.reason,
        short.join("; ")
    )
}

fn total(order: &Order) -> String {
    let total = order.total.clone().unwrap_or_default();
    match kernel::Currency::parse(&total.currency_code) {
        Some(currency) => kernel::Money::new(currency, total.minor_units).to_string(),
        None => total.minor_units.to_string(),
    }
}

fn state(order: &Order) -> &'static str {
    order.state().as_str_name().trim_start_matches("STATE_")
}
