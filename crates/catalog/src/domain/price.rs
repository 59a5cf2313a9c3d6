//! Interval pricing: what a new price from a moment on does to the intervals of one SKU and currency.

use kernel::Timestamp;

/// An interval of a price; the start belongs to it, the end does not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Interval {
    /// First moment at which the price holds.
    pub start: Timestamp,
    /// First moment at which it no longer holds; `None` while it is open.
    pub end: Option<Timestamp>,
    /// Minor units.
    pub unit_price: i64,
}

impl Interval {
    /// True when it holds at `at`.
    #[must_use]
    pub fn holds_at(&self, at: Timestamp) -> bool {
        self.start <= at && self.end.is_none_or(|end| end > at)
    }
}

/// The intervals around a moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Around {
    /// The newest interval that has begun by then; it may be over.
    pub begun: Option<Interval>,
    /// When the next interval begins.
    pub next_start: Option<Timestamp>,
}

impl Around {
    /// The price in force at the moment.
    #[must_use]
    pub fn in_force(&self, at: Timestamp) -> Option<i64> {
        self.begun.filter(|begun| begun.holds_at(at)).map(|begun| begun.unit_price)
    }
}

/// What a new price does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// This very interval is there already.
    Stands,
    /// An interval begins.
    Begins {
        /// It.
        interval: Interval,
        /// Start of the interval that ends where it begins, if one is in force there.
        ends: Option<Timestamp>,
    },
    /// Another price begins at this very moment, and what was written is never changed.
    Taken,
}

/// A price from `at` on: it ends the interval in force there, and holds until the next one begins.
#[must_use]
pub fn begin(at: Timestamp, unit_price: i64, around: &Around) -> Change {
    match around.begun {
        Some(begun) if begun.start == at && begun.unit_price == unit_price => Change::Stands,
        Some(begun) if begun.start == at => Change::Taken,
        begun => Change::Begins {
            interval: Interval { start: at, end: around.next_start, unit_price },
            ends: begun.filter(|begun| begun.holds_at(at)).map(|begun| begun.start),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + time::Duration::seconds(second)
    }

    fn around(history: &[Interval], moment: Timestamp) -> Around {
        Around {
            begun: history.iter().rfind(|interval| interval.start <= moment).copied(),
            next_start: history.iter().map(|interval| interval.start).find(|start| *start > moment),
        }
    }

    fn apply(history: &mut Vec<Interval>, moment: Timestamp, unit_price: i64) -> Change {
        let change = begin(moment, unit_price, &around(history, moment));
        if let Change::Begins { interval, ends } = change {
            for before in history.iter_mut().filter(|before| Some(before.start) == ends) {
                before.end = Some(interval.start);
            }
            history.push(interval);
            history.sort_by_key(|interval| interval.start);
        }
        change
    }

    #[test]
    fn a_price_between_two_ends_the_first_and_leaves_the_second() {
        let mut history = Vec::new();
        for (second, price) in [(10, 1), (30, 3), (20, 2)] {
            apply(&mut history, at(second), price);
        }
        let ends: Vec<_> = history.iter().map(|interval| (interval.unit_price, interval.end)).collect();
        assert_eq!(ends, [(1, Some(at(20))), (2, Some(at(30))), (3, None)]);
    }

    #[test]
    fn a_moment_at_which_a_price_begins_is_taken_for_another_one() {
        let mut history = Vec::new();
        apply(&mut history, at(10), 1);
        assert_eq!(apply(&mut history, at(10), 1), Change::Stands);
        assert_eq!(apply(&mut history, at(10), 2), Change::Taken);
    }

    proptest! {
        #[test]
        fn whatever_is_set_intervals_meet_without_gap_or_overlap_and_the_last_is_open(
            prices in proptest::collection::vec((0_i64..40, 0_i64..5), 1..60),
        ) {
            let mut history = Vec::new();
            for (second, price) in prices {
                let change = apply(&mut history, at(second), price);
                if change != Change::Taken {
                    prop_assert_eq!(around(&history, at(second)).in_force(at(second)), Some(price));
                }
            }
            for pair in history.windows(2) {
                prop_assert_eq!(pair[0].end, Some(pair[1].start));
            }
            prop_assert_eq!(history.last().and_then(|last| last.end), None);
        }
    }
}
