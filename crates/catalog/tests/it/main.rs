//! The catalogue against a real Postgres, through the generated client.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::large_futures,
    reason = "a test may panic, and holds many futures"
)]

mod merchants;
mod prices;
mod reading;
mod skus;
mod snapshot;
mod support;
