//! The order context against a real Postgres: callers at once, batches forced to hold the commands that collide, faults, and
//! the service's own methods.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::large_futures,
    reason = "a test may panic, and holds many futures"
)]

mod batches;
mod busy;
mod checkout;
mod concurrency;
mod conformance;
mod expiry;
mod faults;
mod lists;
mod plans;
mod reads;
mod reclaim;
mod shipping;
mod snapshot;
mod support;
mod transition_batches;
mod transitions;
