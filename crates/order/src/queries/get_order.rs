//! `GetOrder`: one order with all that belongs to it, in one statement that touches one month.

use kernel::{MerchantId, OrderId, Reason, Refusal};
use platform::db::Reader;
use platform::sql;
use platform::sql::Sql;

use super::rows;
use crate::domain::model::Order;

/// The statement.
pub const GET: Sql = sql!("get_order");

/// Reads an order.
///
/// # Errors
/// [`Reason::OrderNotFound`], also for another merchant's order.
pub async fn get_order(
    reader: &mut Reader,
    merchant_id: MerchantId,
    order_id: OrderId,
) -> Result<Order, Refusal> {
    let row = reader.query_opt(&GET, &[&order_id.uuid(), &merchant_id.uuid()]).await?;
    row.as_ref().map(rows::order).ok_or_else(|| Refusal::not_found(Reason::OrderNotFound, "order", order_id))
}
