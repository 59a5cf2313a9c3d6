//! Statements that write the catalogue, as functions over a transaction.

pub mod merchants;
pub mod prices;
pub mod products;
pub mod skus;
