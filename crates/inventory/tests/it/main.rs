//! Inventory against a real Postgres: batches forced to hold the commands that collide, and the service through the generated
//! client.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::large_futures,
    reason = "a test may panic, and holds many futures"
)]

mod batches;
mod concurrency;
mod expiry;
mod faults;
mod locks;
mod plans;
mod reclaim;
mod service;
mod service_reads;
mod support;
mod tx;
