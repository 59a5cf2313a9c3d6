//! Orders: checkout, state, fulfilment.
//!
//! This context drives the one transaction of a checkout and calls the `tx` modules of catalogue, inventory and payment
//! with it. It must never speak SQL to their tables, and never call a provider: money is the payment context's, reached
//! through [`payments`]. Start with [`commands::place_order`], then [`domain::state`].

pub mod commands;
pub mod constraints;
pub mod domain;
pub mod grpc;
pub mod money;
pub mod orders;
pub mod payments;
pub mod queries;
pub mod store;
pub mod workers;

pub use orders::{Deps, Orders};
