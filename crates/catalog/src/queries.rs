//! Reads: one file per question.

pub mod list_prices;
pub mod merchants;
pub mod products;
pub mod skus;
