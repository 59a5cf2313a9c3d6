//! Repeated fields.

use std::collections::HashSet;
use std::hash::Hash;
use std::ops::RangeInclusive;

use super::{Fields, Segment};

impl Fields {
    /// Reads each item of a repeated message field; inside, names are relative to the item. A wrong number of items is
    /// one violation, and then none of them is read, so that the work is bounded.
    pub fn each<I, T>(
        &mut self,
        field: &'static str,
        items: &[I],
        count: RangeInclusive<usize>,
        mut read: impl FnMut(&mut Self, &I) -> T,
    ) -> Vec<T> {
        if !self.count(field, items.len(), count) {
            return Vec::new();
        }
        let item = |(index, item)| self.within(Segment::Item(field, index), |fields| read(fields, item));
        items.iter().enumerate().map(item).collect()
    }

    /// Checks a number of items; true when it is right.
    pub fn count(&mut self, field: &str, len: usize, count: RangeInclusive<usize>) -> bool {
        let right = count.contains(&len);
        if !right {
            let (least, most) = count.into_inner();
            self.violation(field, format_args!("must have {least} to {most} items, not {len}"));
        }
        right
    }

    /// Refuses what comes twice: `name` of the second item is the bad field.
    pub fn distinct<K: Eq + Hash>(
        &mut self,
        field: &'static str,
        name: &str,
        keys: impl IntoIterator<Item = K>,
    ) {
        let mut seen = HashSet::new();
        for (index, key) in keys.into_iter().enumerate() {
            if !seen.insert(key) {
                self.within(Segment::Item(field, index), |fields| {
                    fields.violation(name, "must not come twice");
                });
            }
        }
    }
}
