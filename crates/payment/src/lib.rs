//! Payments: what is to be paid, the operations that move the money, and the provider that moves it.
//!
//! It must never know order tables, stock or prices: what it needs of an order it asks through [`orders::Orders`].
//! Start with [`commands`]: a capture is begin, the provider's call, apply. Other contexts call [`tx`] inside their own
//! transaction.

pub mod domain;
pub mod orders;
pub mod provider;
mod store;
pub mod tx;
