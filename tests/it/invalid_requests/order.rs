//! Requests of orders.

use contract::purser::common::v1::Money;
use contract::purser::order::v1::order_filter::By;
use contract::purser::order::v1::*;
use prost_types::{Duration, Timestamp};

use super::{Case, case, long};

/// The three fields that every change begins with.
const TARGET: [&str; 3] = ["merchant_id", "idempotency_key", "order_id"];

pub fn cases() -> Vec<Case> {
    vec![place_order(), ship_order()].into_iter().chain(reads()).chain(changes()).collect()
}

fn place_order() -> Case {
    let money = || Some(Money { currency_code: "gbp".into(), minor_units: -1 });
    let address = Address {
        address_lines: vec![String::new()],
        administrative_area: long(101),
        postal_code: long(21),
        country_code: "gb".into(),
        phone: long(41),
        ..Default::default()
    };
    let line = PlaceOrderLine { unit_price: money(), location: "Main street".into(), ..Default::default() };
    let request = PlaceOrderRequest {
        customer_id: " c".into(),
        client_reference: long(65),
        ordered_time: Some(Timestamp { seconds: 253_402_300_799, nanos: 0 }),
        currency_code: "gbp".into(),
        lines: vec![line],
        shipping_address: Some(address),
        discount: money(),
        tax: money(),
        shipping: money(),
        expected_total: money(),
        hold_duration: Some(Duration::default()),
        payment: Some(PlaceOrderPayment { method_token: "4242 4242 4242 4242".into() }),
        ..Default::default()
    };
    case("OrderService/PlaceOrder", request, &PLACE_ORDER)
}

const PLACE_ORDER: [&str; 28] = [
    "merchant_id",
    "idempotency_key",
    "customer_id",
    "client_reference",
    "ordered_time",
    "currency_code",
    "lines[0].sku_id",
    "lines[0].quantity",
    "lines[0].unit_price.currency_code",
    "lines[0].unit_price.minor_units",
    "lines[0].location",
    "shipping_address.recipient",
    "shipping_address.address_lines[0]",
    "shipping_address.locality",
    "shipping_address.administrative_area",
    "shipping_address.postal_code",
    "shipping_address.country_code",
    "shipping_address.phone",
    "discount.currency_code",
    "discount.minor_units",
    "tax.currency_code",
    "tax.minor_units",
    "shipping.currency_code",
    "shipping.minor_units",
    "expected_total.currency_code",
    "expected_total.minor_units",
    "hold_duration",
    "payment.method_token",
];

fn ship_order() -> Case {
    let request = ShipOrderRequest {
        lines: vec![ShipmentLine::default(), ShipmentLine { line_no: 1, quantity: 1_000_001 }],
        tracking_number: long(65),
        carrier: long(65),
        ..Default::default()
    };
    let lines = ["lines[0].line_no", "lines[0].quantity", "lines[1].quantity"];
    let bad = [&TARGET[..], &lines, &["tracking_number", "carrier"]].concat();
    case("OrderService/ShipOrder", request, &bad)
}

fn reads() -> Vec<Case> {
    let page_size = -1;
    let list = |by: By| ListOrdersRequest {
        filter: Some(OrderFilter { by: Some(by) }),
        page_size,
        ..Default::default()
    };
    let listed = |by: By, field: &'static str| {
        case("OrderService/ListOrders", list(by), &["merchant_id", field, "page_size"])
    };
    vec![
        case("OrderService/GetOrder", GetOrderRequest::default(), &["merchant_id", "order_id"]),
        case(
            "OrderService/BatchGetOrders",
            BatchGetOrdersRequest { order_ids: vec!["sku_1".into(), "x".into()], ..Default::default() },
            &["merchant_id", "order_ids[0]", "order_ids[1]"],
        ),
        listed(By::CustomerId(" c".into()), "filter.customer_id"),
        listed(By::State(0), "filter.state"),
        listed(By::TrackingNumber(String::new()), "filter.tracking_number"),
        listed(By::ClientReference(long(65)), "filter.client_reference"),
        case(
            "OrderService/GetOrderTimeline",
            GetOrderTimelineRequest::default(),
            &["merchant_id", "order_id"],
        ),
        case(
            "OrderService/ListFulfillmentQueue",
            ListFulfillmentQueueRequest { page_size, ..Default::default() },
            &["merchant_id", "page_size"],
        ),
    ]
}

fn changes() -> Vec<Case> {
    let cancel = [&TARGET[..], &["reason"]].concat();
    vec![
        case("OrderService/CancelOrder", CancelOrderRequest::default(), &cancel),
        case("OrderService/StartProcessing", StartProcessingRequest::default(), &TARGET),
        case("OrderService/DeliverOrder", DeliverOrderRequest::default(), &TARGET),
    ]
}
