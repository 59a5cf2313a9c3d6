//! Rows as the statements of this folder select them.

use kernel::{Currency, MerchantId, OrderId, SkuId, Timestamp};
use serde::Deserialize;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::domain::model::{Address, Line, Order, Shipment, Summary, Totals};
use crate::domain::state::State;

/// Lines and shipments travel as JSON inside the order's one row.
#[derive(Deserialize)]
struct JsonLine {
    line_no: i32,
    sku_id: String,
    sku_code: String,
    display_name: String,
    quantity: i64,
    unit_price: i64,
    line_total: i64,
    location: String,
}

#[derive(Deserialize)]
struct JsonShipment {
    shipment_no: i32,
    tracking_number: String,
    carrier: String,
    /// Microseconds since 1970.
    created_us: i64,
    lines: Vec<(i32, i64)>,
}

fn state(row: &Row) -> State {
    State::parse(row.get("state")).expect("the CHECK constraint knows the same states")
}

fn currency(row: &Row) -> Currency {
    Currency::parse(row.get("currency")).expect("only known currencies are written")
}

fn json<T: for<'de> Deserialize<'de>>(row: &Row, column: &str) -> Vec<T> {
    let value: Option<serde_json::Value> = row.get(column);
    value
        .map(|value| serde_json::from_value(value).expect("the statement builds this shape"))
        .unwrap_or_default()
}

/// An order with its lines, address and shipments.
pub fn order(row: &Row) -> Order {
    let shipments: Vec<Shipment> = json::<JsonShipment>(row, "shipments").into_iter().map(shipment).collect();
    let shipped = |line_no: i32| -> i64 {
        let lines = shipments.iter().flat_map(|shipment| &shipment.lines);
        lines.filter(|(line, _)| *line == line_no).map(|(_, units)| units).sum()
    };
    let lines = json::<JsonLine>(row, "lines").into_iter().map(|line| Line {
        line_no: line.line_no,
        sku_id: SkuId::from_uuid(Uuid::parse_str(&line.sku_id).expect("the column is a uuid")),
        sku_code: line.sku_code,
        display_name: line.display_name,
        quantity: line.quantity,
        unit_price: line.unit_price,
        line_total: line.line_total,
        location: line.location,
        shipped: shipped(line.line_no),
    });
    Order {
        order_id: OrderId::from_uuid(row.get("id")),
        merchant_id: MerchantId::from_uuid(row.get("merchant_id")),
        customer_id: row.get("customer_id"),
        client_reference: row.get("client_reference"),
        state: state(row),
        currency: currency(row),
        totals: Totals {
            subtotal: row.get("subtotal"),
            discount: row.get("discount"),
            tax: row.get("tax"),
            shipping: row.get("shipping"),
            total: row.get("total"),
        },
        captured: row.get("captured"),
        refunded: row.get("refunded"),
        lines: lines.collect(),
        address: address(row),
        shipments,
        ordered_time: row.get("ordered_time"),
        created_time: row.get("created_time"),
        updated_time: row.get("updated_time"),
        expires_at: row.get("expires_at"),
    }
}

fn shipment(json: JsonShipment) -> Shipment {
    Shipment {
        shipment_no: json.shipment_no,
        tracking_number: json.tracking_number,
        carrier: json.carrier,
        lines: json.lines,
        created_time: Timestamp::UNIX_EPOCH + time::Duration::microseconds(json.created_us),
    }
}

fn address(row: &Row) -> Option<Address> {
    let recipient: Option<String> = row.get("recipient");
    Some(Address {
        recipient: recipient?,
        lines: row.get("address_lines"),
        locality: row.get("locality"),
        administrative_area: row.get("administrative_area"),
        postal_code: row.get("postal_code"),
        country_code: row.get("country_code"),
        phone: row.get("phone"),
    })
}

/// An order as lists show it.
pub fn summary(row: &Row) -> Summary {
    Summary {
        order_id: OrderId::from_uuid(row.get("id")),
        merchant_id: MerchantId::from_uuid(row.get("merchant_id")),
        customer_id: row.get("customer_id"),
        client_reference: row.get("client_reference"),
        state: state(row),
        currency: currency(row),
        line_count: row.get("line_count"),
        unit_count: row.get("unit_count"),
        first_names: row.get("first_names"),
        total: row.get("total"),
        captured: row.get("captured"),
        refunded: row.get("refunded"),
        ordered_time: row.get("ordered_time"),
        created_time: row.get("created_time"),
        expires_at: row.get("expires_at"),
    }
}
