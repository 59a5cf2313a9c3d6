//! Merchants, products, SKUs and their prices: what can be sold, by whom, at which price. Cold and read-mostly.
//!
//! It knows no other context. [`tx`] is what an order's transaction reads of it, [`grpc`] is its service.

use std::sync::Arc;

use kernel::{Clock, PageTokens};
use platform::db::Database;

pub mod commands;
pub mod constraints;
pub mod domain;
pub mod grpc;
pub mod queries;
pub mod store;
pub mod tx;

/// What the catalogue is built from.
#[derive(Clone, Debug)]
pub struct Deps {
    /// The database.
    pub database: Database,
    /// The process's clock.
    pub clock: Arc<Clock>,
    /// The seal of page tokens.
    pub page_tokens: PageTokens,
}
