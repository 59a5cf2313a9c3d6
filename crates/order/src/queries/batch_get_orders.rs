//! `BatchGetOrders`: up to 100 orders with up to 4,000 lines together.

use std::collections::HashMap;

use kernel::{MerchantId, OrderId, Refusal};
use platform::db::Reader;
use platform::sql;
use platform::sql::Sql;
use uuid::Uuid;

use super::rows;
use crate::domain::model::Order;

/// The statement that reads the orders.
pub const GET: Sql = sql!("batch_get_orders");
/// The statement that counts their lines first.
pub const COUNT: Sql = sql!("count_order_lines");

/// Most lines in one answer.
pub const LINES_MAX: i64 = 4_000;

/// The orders of a batch.
#[derive(Debug, Default)]
pub struct Batch {
    /// Found, in the order asked for.
    pub orders: Vec<Order>,
    /// Not this merchant's, or not there.
    pub missing: Vec<OrderId>,
    /// Left out, because the answer would hold too many lines.
    pub deferred: Vec<OrderId>,
}

/// Reads orders. The first order is always read, however many lines it has.
///
/// # Errors
/// As [`Reader::query`].
pub async fn batch_get_orders(
    reader: &mut Reader,
    merchant_id: MerchantId,
    wanted: &[OrderId],
) -> Result<Batch, Refusal> {
    let ids: Vec<Uuid> = wanted.iter().map(|id| id.uuid()).collect();
    let counts: HashMap<Uuid, i64> = reader
        .query(&COUNT, &[&ids, &merchant_id.uuid()])
        .await?
        .iter()
        .map(|row| (row.get("id"), i64::from(row.get::<_, i32>("line_count"))))
        .collect();

    let mut batch = Batch::default();
    let (mut chosen, mut lines) = (Vec::new(), 0);
    for id in wanted {
        match counts.get(&id.uuid()) {
            None => batch.missing.push(*id),
            Some(count) if chosen.is_empty() || lines + count <= LINES_MAX => {
                lines += count;
                chosen.push(id.uuid());
            }
            Some(_) => batch.deferred.push(*id),
        }
    }
    let rows = reader.query(&GET, &[&chosen, &merchant_id.uuid()]).await?;
    batch.orders = rows.iter().map(rows::order).collect();
    Ok(batch)
}
