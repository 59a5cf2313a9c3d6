//! The rules of stock: no I/O, no SQL, no clock.

pub mod stock;
