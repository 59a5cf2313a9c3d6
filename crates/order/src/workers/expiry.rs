//! Cancels orders whose hold is over, under the order's lock, which sees payments in flight. Correctness does not rest on it:
//! stock of overdue holds is reclaimed whenever somebody wants it.

use std::time::Duration;

use futures::future;
use kernel::{MerchantId, OrderId};
use platform::db::DbError;
use platform::sql;
use platform::sql::Sql;
use tokio_util::sync::CancellationToken;

use crate::commands::transition::Transition;
use crate::orders::Orders;

/// The statement.
pub const DUE: Sql = sql!("expiry/due_orders");

const BATCH: i64 = 256;
const INTERVAL: Duration = Duration::from_secs(1);

/// Runs until `stop`.
pub async fn run(orders: Orders, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = run_once(&orders).await {
            tracing::warn!(error = %error, "overdue orders could not be expired; trying again");
        }
        // A timer ends the wait; whatever is due by then is found by its time, so that no tick can be missed.
        let _ = stop.run_until_cancelled(tokio::time::sleep(INTERVAL)).await;
    }
}

/// Expires what is due now; returns how many orders were looked at. An order with money in flight is left for later: it
/// stays due, and is passed over for the orders behind it.
///
/// # Errors
/// [`DbError`] when the due orders cannot be read.
pub async fn run_once(orders: &Orders) -> Result<usize, DbError> {
    let (mut after, mut seen) = (None, 0);
    loop {
        let due = due(orders, after).await?;
        let Some(last) = due.last() else { return Ok(seen) };
        after = Some((last.2, last.1));
        seen += due.len();
        let commands = due.iter().map(|(merchant, order, _)| {
            orders.transitions.submit_always(Transition::expiry(*merchant, *order))
        });
        for refusal in future::join_all(commands).await.into_iter().filter_map(Result::err) {
            tracing::warn!(refusal = %refusal, "an overdue order could not be expired");
        }
    }
}

type Due = (MerchantId, OrderId, kernel::Timestamp);

async fn due(orders: &Orders, after: Option<(kernel::Timestamp, OrderId)>) -> Result<Vec<Due>, DbError> {
    let now = orders.deps.clock.now();
    let (time, order) =
        after.map_or((kernel::Timestamp::UNIX_EPOCH, uuid::Uuid::nil()), |(t, o)| (t, o.uuid()));
    let mut reader = orders.deps.database.read().await?;
    let rows = reader.query(&DUE, &[&now, &time, &order, &BATCH]).await?;
    let due = |row: &tokio_postgres::Row| {
        (MerchantId::from_uuid(row.get(0)), OrderId::from_uuid(row.get(1)), row.get(2))
    };
    Ok(rows.iter().map(due).collect())
}
