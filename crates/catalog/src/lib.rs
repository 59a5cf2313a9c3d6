//! Merchants, products, SKUs and their prices: what can be sold, by whom, at which price. Cold and read-mostly.
//!
//! It knows no other context. [`tx`] is what an order's transaction reads of it.

pub mod tx;
