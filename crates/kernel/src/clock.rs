//! Time is a parameter: commands are given a time, and this is the one place that asks for it.

use std::sync::atomic::{AtomicI64, Ordering};

/// A moment in UTC, to the microsecond, which is what the database keeps.
pub type Timestamp = time::OffsetDateTime;

/// The clock of one process: its own wall clock for ids, and the primary database's time for everything that is
/// compared across processes (expiry above all).
///
/// The difference is measured by whoever talks to the database and told by [`Clock::set_database_offset`]. Tests own
/// the clock through [`Clock::advance`].
#[derive(Debug, Default)]
pub struct Clock {
    database_offset_us: AtomicI64,
    advanced_us: AtomicI64,
}

impl Clock {
    /// The accepting process's wall clock, for the time part of ids.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the place that everyone else takes the time from")]
    pub fn wall(&self) -> Timestamp {
        let now = Timestamp::now_utc();
        now.replace_nanosecond(now.microsecond() * 1_000).unwrap_or(now)
    }

    /// The primary database's time, as far as it is known, moved by what a test has advanced.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let shift =
            self.database_offset_us.load(Ordering::Relaxed) + self.advanced_us.load(Ordering::Relaxed);
        self.wall() + time::Duration::microseconds(shift)
    }

    /// Records how far the database's clock is ahead of this process's.
    pub fn set_database_offset(&self, offset: time::Duration) {
        let us = i64::try_from(offset.whole_microseconds()).unwrap_or_default();
        self.database_offset_us.store(us, Ordering::Relaxed);
    }

    /// How far the database's clock was last seen ahead of this process's.
    #[must_use]
    pub fn database_offset(&self) -> time::Duration {
        time::Duration::microseconds(self.database_offset_us.load(Ordering::Relaxed))
    }

    /// Moves [`Clock::now`] forward, for tests of what depends on time.
    pub fn advance(&self, by: time::Duration) {
        let us = i64::try_from(by.whole_microseconds()).unwrap_or_default();
        self.advanced_us.fetch_add(us, Ordering::Relaxed);
    }
}
