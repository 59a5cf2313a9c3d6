//! Inserts orders with their lines, addresses, first history rows and queue entries.

use std::sync::Arc;

use futures::future;
use kernel::id::PaymentId;
use kernel::{MerchantId, OrderId, Timestamp};
use platform::db::{DbError, Tx};
use platform::events::Event;
use platform::sql;
use platform::sql::Sql;
use serde_json::json;
use uuid::Uuid;

use super::transition::{self, HistoryRow};
use crate::domain::model::{Address, Line, Order};
use crate::domain::state::State;

const ORDERS: Sql = sql!("place_order/insert_orders");
const LINES: Sql = sql!("place_order/insert_lines");
const ADDRESSES: Sql = sql!("place_order/insert_addresses");
const EXPIRY: Sql = sql!("place_order/insert_expiry_queue");

/// The statements of this module.
pub const STATEMENTS: [&Sql; 6] =
    [&ORDERS, &LINES, &ADDRESSES, &EXPIRY, &transition::HISTORY, &transition::ENQUEUE];

/// The reason of a confirmation without a payment.
pub const NOTHING_TO_PAY: &str = "NOTHING_TO_PAY";

/// An accepted order, as it is written.
#[derive(Clone, Debug)]
pub struct NewOrder {
    /// The order: PENDING, or CONFIRMED when there is nothing to pay.
    pub order: Arc<Order>,
    /// Its payment, if there is anything to pay.
    pub payment_id: Option<PaymentId>,
    /// Who placed it.
    pub actor: String,
}

impl NewOrder {
    /// Its transitions so far: placed, and confirmed at once when there is nothing to pay.
    fn transitions(&self) -> &'static [(Option<State>, State)] {
        match self.order.state {
            State::Pending => &[(None, State::Pending)],
            _ => &[(None, State::Pending), (Some(State::Pending), State::Confirmed)],
        }
    }
}

/// The events of accepted orders.
#[must_use]
pub fn events(accepted: &[&NewOrder]) -> Vec<Event> {
    let mut events = Vec::new();
    for new in accepted {
        let order = &new.order;
        for (index, (_, to)) in new.transitions().iter().enumerate() {
            let placed = json!({
                "total_minor": order.totals.total,
                "currency": order.currency.code(),
                "customer_id": order.customer_id,
                "lines": order.lines.len(),
            });
            events.push(Event {
                merchant_id: order.merchant_id,
                subject_id: order.order_id.uuid(),
                seq: i32::try_from(index + 1).unwrap_or(i32::MAX),
                kind: transition::event_kind(*to),
                payload: if *to == State::Pending { placed } else { json!({}) },
            });
        }
    }
    events
}

/// Inserts accepted orders with all that belongs to them here.
///
/// # Errors
/// As [`Tx::write`].
pub async fn insert(tx: &Tx, now: Timestamp, accepted: &[&NewOrder]) -> Result<(), DbError> {
    let orders: Vec<&Order> = accepted.iter().map(|new| &*new.order).collect();
    let pending: Vec<&Order> = orders.iter().copied().filter(|order| order.state == State::Pending).collect();
    let confirmed: Vec<(MerchantId, OrderId)> = orders
        .iter()
        .filter(|order| order.state.is_queued())
        .map(|order| (order.merchant_id, order.order_id))
        .collect();
    let history: Vec<HistoryRow> = accepted.iter().flat_map(|new| history(new)).collect();
    // Parents before children, on one connection.
    let family = future::try_join3(
        insert_orders(tx, now, accepted),
        insert_lines(tx, &orders),
        insert_addresses(tx, &orders),
    );
    let queues = future::try_join3(
        transition::insert_history(tx, now, &history),
        insert_expiry(tx, &pending),
        transition::enqueue(tx, &confirmed),
    );
    future::try_join(family, queues).await?;
    Ok(())
}

fn history(new: &NewOrder) -> impl Iterator<Item = HistoryRow> + '_ {
    new.transitions().iter().enumerate().map(|(index, (from, to))| HistoryRow {
        merchant_id: new.order.merchant_id,
        order_id: new.order.order_id,
        seq: i32::try_from(index + 1).unwrap_or(i32::MAX),
        from: *from,
        to: *to,
        actor: new.actor.clone(),
        reason: if *to == State::Confirmed { NOTHING_TO_PAY.into() } else { String::new() },
        cause: None,
    })
}

async fn insert_orders(tx: &Tx, now: Timestamp, accepted: &[&NewOrder]) -> Result<(), DbError> {
    let of =
        |field: fn(&Order) -> i64| -> Vec<i64> { accepted.iter().map(|new| field(&new.order)).collect() };
    let text =
        |field: fn(&Order) -> &str| -> Vec<&str> { accepted.iter().map(|new| field(&new.order)).collect() };
    let ids: Vec<Uuid> = accepted.iter().map(|new| new.order.order_id.uuid()).collect();
    let merchants: Vec<Uuid> = accepted.iter().map(|new| new.order.merchant_id.uuid()).collect();
    let customers = text(|order| &order.customer_id);
    let references = text(|order| &order.client_reference);
    let states = text(|order| order.state.as_str());
    let currencies = text(|order| order.currency.code());
    let subtotals = of(|order| order.totals.subtotal);
    let discounts = of(|order| order.totals.discount);
    let taxes = of(|order| order.totals.tax);
    let shippings = of(|order| order.totals.shipping);
    let totals = of(|order| order.totals.total);
    let line_counts = of(|order| count(order.lines.len()));
    let unit_counts = of(|order| order.lines.iter().map(|line| line.quantity).sum());
    let seqs: Vec<i64> = accepted.iter().map(|new| count(new.transitions().len())).collect();
    let ordered: Vec<Timestamp> = accepted.iter().map(|new| new.order.ordered_time).collect();
    let expires: Vec<Option<Timestamp>> = accepted.iter().map(|new| new.order.expires_at).collect();
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 17] = [
        &ids,
        &merchants,
        &customers,
        &references,
        &states,
        &currencies,
        &subtotals,
        &discounts,
        &taxes,
        &shippings,
        &totals,
        &line_counts,
        &unit_counts,
        &seqs,
        &ordered,
        &expires,
        &now,
    ];
    tx.write(&ORDERS, &params, accepted.len()).await
}

fn count(items: usize) -> i64 {
    i64::try_from(items).unwrap_or(i64::MAX)
}

async fn insert_lines(tx: &Tx, orders: &[&Order]) -> Result<(), DbError> {
    let lines: Vec<(&Order, &Line)> =
        orders.iter().flat_map(|order| order.lines.iter().map(move |line| (*order, line))).collect();
    let order_ids: Vec<Uuid> = lines.iter().map(|(order, _)| order.order_id.uuid()).collect();
    let numbers: Vec<i32> = lines.iter().map(|(_, line)| line.line_no).collect();
    let merchants: Vec<Uuid> = lines.iter().map(|(order, _)| order.merchant_id.uuid()).collect();
    let skus: Vec<Uuid> = lines.iter().map(|(_, line)| line.sku_id.uuid()).collect();
    let codes: Vec<&str> = lines.iter().map(|(_, line)| line.sku_code.as_str()).collect();
    let names: Vec<&str> = lines.iter().map(|(_, line)| line.display_name.as_str()).collect();
    let quantities: Vec<i64> = lines.iter().map(|(_, line)| line.quantity).collect();
    let prices: Vec<i64> = lines.iter().map(|(_, line)| line.unit_price).collect();
    let line_totals: Vec<i64> = lines.iter().map(|(_, line)| line.line_total).collect();
    let locations: Vec<&str> = lines.iter().map(|(_, line)| line.location.as_str()).collect();
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 10] = [
        &order_ids,
        &numbers,
        &merchants,
        &skus,
        &codes,
        &names,
        &quantities,
        &prices,
        &line_totals,
        &locations,
    ];
    tx.write(&LINES, &params, lines.len()).await
}

async fn insert_addresses(tx: &Tx, orders: &[&Order]) -> Result<(), DbError> {
    let addressed: Vec<(&Order, &Address)> =
        orders.iter().filter_map(|order| Some((*order, order.address.as_ref()?))).collect();
    let text = |field: fn(&Address) -> &str| -> Vec<&str> {
        addressed.iter().map(|(_, address)| field(address)).collect()
    };
    let order_ids: Vec<Uuid> = addressed.iter().map(|(order, _)| order.order_id.uuid()).collect();
    let merchants: Vec<Uuid> = addressed.iter().map(|(order, _)| order.merchant_id.uuid()).collect();
    let recipients = text(|address| &address.recipient);
    // An array of arrays would have to be rectangular: the lines travel as JSON.
    let lines: Vec<serde_json::Value> = addressed.iter().map(|(_, address)| json!(address.lines)).collect();
    let localities = text(|address| &address.locality);
    let areas = text(|address| &address.administrative_area);
    let postal_codes = text(|address| &address.postal_code);
    let countries = text(|address| &address.country_code);
    let phones = text(|address| &address.phone);
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 9] = [
        &order_ids,
        &merchants,
        &recipients,
        &lines,
        &localities,
        &areas,
        &postal_codes,
        &countries,
        &phones,
    ];
    tx.write(&ADDRESSES, &params, addressed.len()).await
}

async fn insert_expiry(tx: &Tx, pending: &[&Order]) -> Result<(), DbError> {
    let merchants: Vec<Uuid> = pending.iter().map(|order| order.merchant_id.uuid()).collect();
    let orders: Vec<Uuid> = pending.iter().map(|order| order.order_id.uuid()).collect();
    let expires: Vec<Option<Timestamp>> = pending.iter().map(|order| order.expires_at).collect();
    tx.write(&EXPIRY, &[&merchants, &orders, &expires], pending.len()).await
}
