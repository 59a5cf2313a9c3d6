//! The calls that the demo prints: complete, with real ids, to be pasted into a shell.

use std::fmt;

use serde_json::{Value, json};

use super::sale::Sale;

/// A call to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// What it shows.
    pub title: &'static str,
    /// Host and port.
    pub address: String,
    /// Full method, `package.Service/Method`; `list` for the list of services.
    pub method: String,
    /// The request; `None` for the list of services.
    pub body: Option<String>,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.body {
            Some(body) => write!(f, "grpcurl -plaintext -d '{body}' {} {}", self.address, self.method),
            None => write!(f, "grpcurl -plaintext {} {}", self.address, self.method),
        }
    }
}

/// A customer with a history.
#[derive(Debug)]
pub struct Customer {
    /// The merchant's id.
    pub merchant_id: String,
    /// The merchant's reference of the customer.
    pub customer_id: String,
}

/// The calls for a system at `to`.
#[must_use]
pub fn calls(to: &str, sale: &Sale, customer: &Customer) -> Vec<Call> {
    let address = to.split_once("://").map_or(to, |(_, address)| address).trim_end_matches('/');
    let call = |title, method: &str, body: Option<Value>| Call {
        title,
        address: address.to_owned(),
        method: method.to_owned(),
        body: body.map(|body| body.to_string()),
    };
    let merchant = &sale.merchant_id;
    let key = uuid::Uuid::now_v7().to_string();
    let basket = json!([{ "sku_id": sale.mug_id, "quantity": 1 }]);
    vec![
        call("the services", "list", None),
        call(
            "an order with its lines",
            "purser.order.v1.OrderService/GetOrder",
            Some(json!({ "merchant_id": merchant, "order_id": sale.order_id })),
        ),
        call(
            "a customer's order history, newest first",
            "purser.order.v1.OrderService/ListOrders",
            Some(json!({
                "merchant_id": customer.merchant_id,
                "filter": { "customer_id": customer.customer_id },
                "page_size": 5,
            })),
        ),
        call(
            "the stock of the mug",
            "purser.inventory.v1.InventoryService/GetStock",
            Some(json!({ "merchant_id": merchant, "sku_id": sale.mug_id })),
        ),
        call(
            "a new order, paid at once (again: the same order, replayed)",
            "purser.order.v1.OrderService/PlaceOrder",
            Some(json!({
                "merchant_id": merchant,
                "idempotency_key": key,
                "customer_id": "dave",
                "currency_code": "GBP",
                "lines": basket,
                "payment": { "method_token": "pm_card_visa" },
            })),
        ),
        call(
            "what the merchant has to ship",
            "purser.order.v1.OrderService/ListFulfillmentQueue",
            Some(json!({ "merchant_id": merchant })),
        ),
    ]
}
