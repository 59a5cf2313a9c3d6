//! The payment context through its public surface.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::large_futures,
    reason = "a test may panic, and holds many futures"
)]

mod batch;
mod capture;
mod conformance;
mod faults;
mod provider;
mod queries;
mod recovery;
mod statements;
mod support;
