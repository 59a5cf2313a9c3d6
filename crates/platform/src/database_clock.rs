//! Measures how far the primary's clock is from this process's, so that expiry means the same to every process.

use std::sync::Arc;
use std::time::Duration;

use kernel::{Clock, Timestamp};

use crate::db::{Database, DbError};
use crate::sql;
use crate::sql::Sql;

const NOW: Sql = sql!("database_clock/now");

/// Beyond this difference a process is not ready: its ids and its holds would mislead the others.
pub const SKEW_MAX: Duration = Duration::from_secs(30);

/// Beyond this difference an operator should know.
pub const SKEW_ALARM: Duration = Duration::from_secs(1);

/// Measures the difference once and tells the clock. The middle of the round trip is taken as the moment of the answer.
///
/// # Errors
/// [`DbError`] when the database cannot be asked; the clock keeps what it knew.
pub async fn measure(database: &Database, clock: &Arc<Clock>) -> Result<time::Duration, DbError> {
    let mut reader = database.read().await?;
    let asked = clock.wall();
    let rows = reader.query(&NOW, &[]).await?;
    let heard = clock.wall();
    let theirs: Timestamp = rows.first().map_or(heard, |row| row.get(0));
    let offset = theirs - (asked + (heard - asked) / 2);
    clock.set_database_offset(offset);
    if offset.unsigned_abs() > SKEW_ALARM {
        tracing::warn!(
            offset_ms = i64::try_from(offset.whole_milliseconds()).unwrap_or(i64::MAX),
            "clocks disagree"
        );
    }
    Ok(offset)
}
