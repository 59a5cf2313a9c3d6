//! Reads: one statement each.

pub(crate) mod due_reservations;
pub mod get_reservation;
pub mod get_stock;
pub mod list_movements;
pub mod list_stock;

pub use get_reservation::get_reservation;
pub use get_stock::get_stock;
pub use list_movements::{ListedMovement, list_movements};
pub use list_stock::list_stock;
