//! `ListOrders`: a merchant's orders, newest first, by keyset.

use kernel::{MerchantId, OrderId, Refusal};
use platform::db::Reader;
use platform::sql;
use platform::sql::Sql;
use tokio_postgres::Row;
use uuid::Uuid;

use super::rows;
use crate::domain::model::Summary;
use crate::domain::state::State;

/// All orders of the merchant.
pub const ALL: Sql = sql!("list_orders");
/// Those of a customer.
pub const OF_CUSTOMER: Sql = sql!("list_orders_of_customer");
/// Those waiting for payment.
pub const PENDING: Sql = sql!("list_orders_pending");
/// Those in the fulfilment queue, in one of its two states.
pub const QUEUED: Sql = sql!("list_orders_queued");
/// Those in another state, looked for among a bounded number of the merchant's newest.
pub const IN_STATE: Sql = sql!("list_orders_in_state");
/// The one with a tracking number.
pub const BY_TRACKING: Sql = sql!("list_orders_by_tracking_number");
/// The one with a client reference.
pub const BY_REFERENCE: Sql = sql!("list_orders_by_client_reference");

/// Orders looked at for one page of a state that has no queue: 98 of 100 orders are DELIVERED in the end, and an index on
/// the state would make every transition rewrite every index.
pub const SCANNED_MAX: i64 = 5_000;

/// What the orders are narrowed by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Filter {
    /// Nothing.
    All,
    /// One customer.
    Customer(String),
    /// One state.
    State(State),
    /// One tracking number.
    TrackingNumber(String),
    /// One client reference.
    ClientReference(String),
}

/// One page.
#[derive(Debug)]
pub struct Page {
    /// The orders, newest first.
    pub orders: Vec<Summary>,
    /// Where the next page starts: below this id. None at the end.
    pub next: Option<OrderId>,
}

/// Reads a page of orders older than `before`.
///
/// # Errors
/// As [`Reader::query`].
pub async fn list_orders(
    reader: &mut Reader,
    merchant_id: MerchantId,
    filter: &Filter,
    before: Option<OrderId>,
    size: i64,
) -> Result<Page, Refusal> {
    let merchant = merchant_id.uuid();
    let before = before.map_or(Uuid::max(), OrderId::uuid);
    let rows = match filter {
        Filter::All => reader.query(&ALL, &[&merchant, &before, &size]).await?,
        Filter::Customer(customer) => {
            reader.query(&OF_CUSTOMER, &[&merchant, &before, &size, customer]).await?
        }
        Filter::State(State::Pending) => reader.query(&PENDING, &[&merchant, &before, &size]).await?,
        Filter::State(state) if state.is_queued() => {
            reader.query(&QUEUED, &[&merchant, &before, &size, &state.as_str()]).await?
        }
        Filter::State(state) => {
            let params: [&(dyn tokio_postgres::types::ToSql + Sync); 5] =
                [&merchant, &before, &size, &state.as_str(), &SCANNED_MAX];
            return Ok(scanned(&reader.query(&IN_STATE, &params).await?, size));
        }
        Filter::TrackingNumber(number) => reader.query(&BY_TRACKING, &[&merchant, number]).await?,
        Filter::ClientReference(reference) => reader.query(&BY_REFERENCE, &[&merchant, reference]).await?,
    };
    let single = matches!(filter, Filter::TrackingNumber(_) | Filter::ClientReference(_));
    let orders: Vec<Summary> = rows.iter().map(rows::summary).collect();
    let full = !single && i64::try_from(orders.len()).is_ok_and(|found| found == size);
    let next = orders.last().filter(|_| full).map(|last| last.order_id);
    Ok(Page { orders, next })
}

/// The last row of a scan is where it stopped, whether that order is in the state or not.
fn scanned(rows: &[Row], size: i64) -> Page {
    let orders: Vec<Summary> =
        rows.iter().filter(|row| row.get::<_, bool>("matches")).map(rows::summary).collect();
    let full = i64::try_from(orders.len()).is_ok_and(|found| found == size);
    let stopped = rows.iter().find(|row| row.get::<_, bool>("is_last"));
    let exhausted = rows.first().is_none_or(|row| row.get::<_, i64>("scanned") < SCANNED_MAX);
    let next = match (full, stopped) {
        (true, _) => orders.last().map(|last| last.order_id),
        (false, Some(row)) if !exhausted => Some(OrderId::from_uuid(row.get("id"))),
        _ => None,
    };
    Page { orders, next }
}
