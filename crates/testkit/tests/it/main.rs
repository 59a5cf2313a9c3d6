//! Behaviour of the test kit, and of the private Postgres that it and `purser up` start.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod embedded;
mod eventually;
mod runner;
mod source_lint;
mod support;
mod test_database;
