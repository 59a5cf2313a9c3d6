//! The rules of stock: no I/O, no SQL, no clock.

pub mod reservation;
pub mod stock;
