//! Payments: what is to be paid, the operations that move the money, and the provider that moves it.
//!
//! It must never know order tables, stock or prices: what it needs of an order it asks through [`orders::Orders`].
//! Start with [`Payments`] and [`commands`]: a capture is begin, the provider's call, apply. Other contexts call [`tx`]
//! inside their own transaction.

pub mod commands;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod constraints;
pub mod domain;
pub mod grpc;
pub mod orders;
pub mod payments;
pub mod provider;
pub mod queries;
mod store;
pub mod tx;
pub mod workers;

pub use commands::capture;
pub use payments::{Deps, Payments};

/// Every statement of this crate, for tests that prepare and explain them.
#[must_use]
pub fn statements() -> Vec<&'static platform::sql::Sql> {
    store::statements()
}
