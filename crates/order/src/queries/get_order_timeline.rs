//! `GetOrderTimeline`: every transition of an order, and the time spent in each state.

use kernel::id::OperationId;
use kernel::{MerchantId, OrderId, Reason, Refusal, Timestamp};
use platform::db::Reader;
use platform::sql;
use platform::sql::Sql;
use tokio_postgres::Row;

use crate::domain::model::TimelineEntry;
use crate::domain::state::State;

/// The statement.
pub const TIMELINE: Sql = sql!("get_order_timeline");

/// Reads the transitions of an order, oldest first; time in the newest state is counted to `now`.
///
/// # Errors
/// [`Reason::OrderNotFound`], also for another merchant's order.
pub async fn get_order_timeline(
    reader: &mut Reader,
    now: Timestamp,
    merchant_id: MerchantId,
    order_id: OrderId,
) -> Result<Vec<TimelineEntry>, Refusal> {
    let rows = reader.query(&TIMELINE, &[&order_id.uuid(), &merchant_id.uuid()]).await?;
    if rows.is_empty() {
        return Err(Refusal::not_found(Reason::OrderNotFound, "order", order_id));
    }
    let entry = |row: &Row| {
        let created_time: Timestamp = row.get("created_time");
        let until: Option<Timestamp> = row.get("until");
        TimelineEntry {
            seq: row.get("seq"),
            from: row.get::<_, Option<&str>>("from_state").and_then(State::parse),
            to: State::parse(row.get("to_state")).expect("the CHECK constraint knows the same states"),
            actor: row.get("actor"),
            reason: row.get("reason"),
            cause: row.get::<_, Option<uuid::Uuid>>("cause_id").map(OperationId::from_uuid),
            created_time,
            duration: (until.unwrap_or(now) - created_time).max(time::Duration::ZERO),
        }
    };
    Ok(rows.iter().map(entry).collect())
}
