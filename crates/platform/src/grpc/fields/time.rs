//! Times and durations.

use std::ops::RangeInclusive;
use std::time::Duration;

use kernel::Timestamp;

use super::Fields;

impl Fields {
    /// A moment between the years 1970 and 9999, cut to the microsecond, which is what the database keeps.
    pub fn timestamp(&mut self, field: &str, time: &prost_types::Timestamp) -> Timestamp {
        let nanos = i64::from(time.nanos);
        let at = Timestamp::from_unix_timestamp(time.seconds)
            .ok()
            .filter(|at| at.year() <= 9999 && time.seconds >= 0 && (0..1_000_000_000).contains(&nanos));
        match at {
            Some(at) => at + time::Duration::microseconds(nanos / 1_000),
            None => {
                self.violation(field, "must be a time between the years 1970 and 9999");
                Timestamp::UNIX_EPOCH
            }
        }
    }

    /// As [`Fields::timestamp`], or `None` when it is absent.
    pub fn optional_timestamp(
        &mut self,
        field: &str,
        time: Option<&prost_types::Timestamp>,
    ) -> Option<Timestamp> {
        time.map(|time| self.timestamp(field, time))
    }

    /// A duration within bounds.
    pub fn duration(
        &mut self,
        field: &str,
        duration: &prost_types::Duration,
        bounds: RangeInclusive<Duration>,
    ) -> Duration {
        let read = Duration::try_from(*duration).ok().filter(|duration| bounds.contains(duration));
        read.unwrap_or_else(|| {
            let (least, most) = (bounds.start().as_secs(), bounds.end().as_secs());
            self.violation(field, format_args!("must be {least} to {most} seconds"));
            *bounds.start()
        })
    }
}
