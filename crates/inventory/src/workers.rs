//! What runs by itself.

pub mod expire_reservations;
