//! Inventory: stock per location, promises of stock, and the ledger that explains every counter.
//!
//! It knows neither the catalogue (it asks what it needs through a trait) nor orders: an order is an owner of
//! holds and no more. Start reading at [`domain::stock`], the rules; then [`tx`], what other contexts call inside their own
//! transaction.
//!
//! What must never be: a counter changed without its movement; a hold ended otherwise than by `DELETE .. RETURNING` under
//! the lock of its stock row; a counter moved by anything but what came back.

pub mod domain;
mod store;
pub mod tx;
