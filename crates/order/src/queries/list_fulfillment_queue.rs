//! `ListFulfillmentQueue`: what a merchant has to fulfil, oldest first, by keyset.

use kernel::{MerchantId, OrderId, Refusal};
use platform::db::Reader;
use platform::sql;
use platform::sql::Sql;
use uuid::Uuid;

use super::list_orders::Page;
use super::rows;
use crate::domain::model::Summary;

/// The statement.
pub const QUEUE: Sql = sql!("list_fulfillment_queue");

/// Reads a page of the queue behind `after`.
///
/// # Errors
/// As [`Reader::query`].
pub async fn list_fulfillment_queue(
    reader: &mut Reader,
    merchant_id: MerchantId,
    after: Option<OrderId>,
    size: i64,
) -> Result<Page, Refusal> {
    let after = after.map_or(Uuid::nil(), OrderId::uuid);
    let rows = reader.query(&QUEUE, &[&merchant_id.uuid(), &after, &size]).await?;
    let orders: Vec<Summary> = rows.iter().map(rows::summary).collect();
    let full = i64::try_from(orders.len()).is_ok_and(|found| found == size);
    let next = orders.last().filter(|_| full).map(|last| last.order_id);
    Ok(Page { orders, next })
}
