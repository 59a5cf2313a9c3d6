//! The writes of this context: each is a transaction script for a batch, top to bottom.

pub mod place_order;
pub mod transition;
