//! Functions over SQL. The statements stand beside them as `.sql` files.

pub mod hold_rows;
pub mod holds;
pub mod levels;
pub mod reclaim;
pub mod reservations;
pub mod stock;

use platform::db::DbError;

use crate::domain::stock::Torn;

impl From<Torn> for DbError {
    fn from(torn: Torn) -> Self {
        match torn {
            // Holds or rows appeared between the read that named the keys and the lock: start over.
            Torn::NotLocked(_) => Self::Changed("the stock rows of a command"),
            Torn::NotReserved { quantity, reserved, .. } => Self::RowCount {
                statement: "fold of stock",
                expected: quantity.unsigned_abs(),
                actual: reserved.unsigned_abs(),
            },
        }
    }
}
