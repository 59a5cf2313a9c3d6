//! Inventory: stock per location, promises of stock, and the ledger that explains every counter.
//!
//! It knows neither the catalogue (it asks what it needs through [`SkuDirectory`]) nor orders: an order is an owner of
//! holds and no more. Start reading at [`domain::stock`], the rules; then `commands/batch.rs`, one transaction from top to
//! bottom; then [`tx`], what other contexts call inside their own.
//!
//! What must never be: a counter changed without its movement; a hold ended otherwise than by `DELETE .. RETURNING` under
//! the lock of its stock row; a counter moved by anything but what came back.

pub mod commands;
pub mod constraints;
pub mod domain;
pub mod grpc;
mod inventory;
pub mod queries;
mod sku_directory;
mod store;
pub mod tx;
mod workers;

pub use inventory::{Deps, Inventory};
pub use sku_directory::{SkuDirectory, SkuInfo};
