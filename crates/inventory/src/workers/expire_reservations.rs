//! Ends reservations whose time is over. A sale does not wait for it (overdue holds are reclaimed at reserve time); it keeps
//! the counters honest where nobody buys. Holds of orders are none of its business.

use std::time::Duration;

use futures::future::join_all;
use platform::db::DbError;
use tokio_util::sync::CancellationToken;

use crate::commands::{Changed, StockCommand};
use crate::inventory::Inventory;
use crate::queries::due_reservations::due_reservations;

/// How long an idle worker waits before it looks again.
const INTERVAL: Duration = Duration::from_secs(1);

/// Most reservations ended in one go.
const AT_ONCE: i64 = 256;

/// Looks for overdue reservations again and again, until `stop`.
pub async fn run(inventory: &Inventory, stop: &CancellationToken) {
    loop {
        let more = match pass(inventory).await {
            Ok(ended) => ended > 0,
            Err(error) => {
                tracing::warn!(error = %error, "overdue reservations could not be read");
                false
            }
        };
        if more && !stop.is_cancelled() {
            continue;
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = inventory.due.notified() => {}
            () = tokio::time::sleep(INTERVAL) => {}
        }
    }
}

/// Ends what is overdue, oldest first, at most [`AT_ONCE`]; returns how many were ended by it. Two processes that meet here
/// are told apart by the state of each reservation under its lock.
async fn pass(inventory: &Inventory) -> Result<usize, DbError> {
    let now = inventory.clock.now();
    let due = due_reservations(&mut inventory.database.read().await?, now, AT_ONCE).await?;
    let expiries = due.into_iter().map(|due| inventory.commits.submit_always(StockCommand::Expire(due)));
    let mut ended = 0;
    for reply in join_all(expiries).await {
        match reply {
            Ok(done) if done.value == Changed::Expired(true) => ended += 1,
            Ok(_) => {}
            Err(refusal) => tracing::warn!(%refusal, "a reservation could not be expired; it is tried again"),
        }
    }
    Ok(ended)
}
