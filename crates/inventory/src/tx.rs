//! What other contexts call inside their own transaction. All take slices; none begins or ends a transaction.
//!
//! The way of a reservation: [`lock`], then, only if [`Fold::short_keys`] names any, [`reclaim`], then [`Fold::reserve`] for
//! each command in arrival order, then [`write()`]. Of an end: [`holds_of`] tells the keys to [`lock`]; [`take_holds`]
//! deletes, and the fold moves by exactly what came back. [`pin`], [`unpin`] and [`commit_holds`] change no counter and take
//! no stock lock.

use platform::sql::Sql;

pub use crate::domain::stock::{
    Adjusting, Adjustment, Counters, Ended, Fold, Hold, Location, Movement, MovementKind, Need, Owner,
    Receiving, Short, StockKey, StockRow, Torn,
};
pub use crate::store::hold_rows::take_hold_rows;
pub use crate::store::holds::{commit_holds, holds_of, pin, shrink_holds, take_holds, unpin};
pub use crate::store::reclaim::reclaim;
pub use crate::store::stock::{lock, write};

/// The statements behind this module, to be prepared by whoever calls it.
#[must_use]
pub fn statements() -> Vec<&'static Sql> {
    [
        crate::store::stock::STATEMENTS,
        crate::store::holds::STATEMENTS,
        crate::store::hold_rows::STATEMENTS,
        crate::store::reclaim::STATEMENTS,
    ]
    .concat()
}
