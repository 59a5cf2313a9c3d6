//! Orders as the contract shows them.

use contract::purser::common::v1::Money;
use contract::purser::order::v1 as proto;
use kernel::{Currency, Timestamp};

use crate::domain::model::{Address, Line, Order, Shipment, Summary, TimelineEntry};
use crate::domain::state::State;

pub(super) fn time(at: Timestamp) -> prost_types::Timestamp {
    let nanos = i32::try_from(at.nanosecond()).unwrap_or_default();
    prost_types::Timestamp { seconds: at.unix_timestamp(), nanos }
}

fn money(currency: Currency, minor_units: i64) -> Money {
    Money { currency_code: currency.code().to_owned(), minor_units }
}

pub(super) const fn state(state: State) -> proto::order::State {
    match state {
        State::Pending => proto::order::State::Pending,
        State::Confirmed => proto::order::State::Confirmed,
        State::Processing => proto::order::State::Processing,
        State::Shipped => proto::order::State::Shipped,
        State::Delivered => proto::order::State::Delivered,
        State::Cancelled => proto::order::State::Cancelled,
        State::Refunded => proto::order::State::Refunded,
    }
}

pub(super) fn order(order: &Order) -> proto::Order {
    let amount = |minor| Some(money(order.currency, minor));
    proto::Order {
        order_id: order.order_id.to_string(),
        merchant_id: order.merchant_id.to_string(),
        customer_id: order.customer_id.clone(),
        client_reference: order.client_reference.clone(),
        state: state(order.state).into(),
        lines: order.lines.iter().map(|each| line(order.currency, each)).collect(),
        subtotal: amount(order.totals.subtotal),
        discount: amount(order.totals.discount),
        tax: amount(order.totals.tax),
        shipping: amount(order.totals.shipping),
        total: amount(order.totals.total),
        captured: amount(order.captured),
        refunded: amount(order.refunded),
        shipping_address: order.address.as_ref().map(address),
        shipments: order.shipments.iter().map(shipment).collect(),
        ordered_time: Some(time(order.ordered_time)),
        create_time: Some(time(order.created_time)),
        update_time: Some(time(order.updated_time)),
        expire_time: order.expires_at.map(time),
    }
}

fn line(currency: Currency, line: &Line) -> proto::OrderLine {
    proto::OrderLine {
        line_no: line.line_no,
        sku_id: line.sku_id.to_string(),
        sku_code: line.sku_code.clone(),
        display_name: line.display_name.clone(),
        quantity: line.quantity,
        unit_price: Some(money(currency, line.unit_price)),
        line_total: Some(money(currency, line.line_total)),
        location: line.location.clone(),
        shipped_quantity: line.shipped,
    }
}

fn address(address: &Address) -> proto::Address {
    proto::Address {
        recipient: address.recipient.clone(),
        address_lines: address.lines.clone(),
        locality: address.locality.clone(),
        administrative_area: address.administrative_area.clone(),
        postal_code: address.postal_code.clone(),
        country_code: address.country_code.clone(),
        phone: address.phone.clone(),
    }
}

fn shipment(shipment: &Shipment) -> proto::Shipment {
    proto::Shipment {
        shipment_no: shipment.shipment_no,
        tracking_number: shipment.tracking_number.clone(),
        carrier: shipment.carrier.clone(),
        lines: shipment
            .lines
            .iter()
            .map(|(line_no, quantity)| proto::ShipmentLine { line_no: *line_no, quantity: *quantity })
            .collect(),
        ship_time: Some(time(shipment.created_time)),
    }
}

pub(super) fn summary(order: &Summary) -> proto::OrderSummary {
    let amount = |minor| Some(money(order.currency, minor));
    proto::OrderSummary {
        order_id: order.order_id.to_string(),
        merchant_id: order.merchant_id.to_string(),
        customer_id: order.customer_id.clone(),
        client_reference: order.client_reference.clone(),
        state: state(order.state).into(),
        line_count: order.line_count,
        unit_count: order.unit_count,
        first_names: order.first_names.clone(),
        total: amount(order.total),
        captured: amount(order.captured),
        refunded: amount(order.refunded),
        ordered_time: Some(time(order.ordered_time)),
        create_time: Some(time(order.created_time)),
        expire_time: order.expires_at.map(time),
    }
}

pub(super) fn timeline_entry(entry: &TimelineEntry) -> proto::TimelineEntry {
    proto::TimelineEntry {
        seq: entry.seq,
        from_state: entry.from.map_or(proto::order::State::Unspecified, state).into(),
        to_state: state(entry.to).into(),
        actor: entry.actor.clone(),
        reason: entry.reason.clone(),
        cause: entry.cause.map(|id| id.to_string()).unwrap_or_default(),
        create_time: Some(time(entry.created_time)),
        state_duration: Some(prost_types::Duration {
            seconds: entry.duration.whole_seconds(),
            nanos: entry.duration.subsec_nanoseconds(),
        }),
    }
}
