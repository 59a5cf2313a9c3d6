//! The checks against a real Postgres: a shop in which everything adds up, and one planted fault at a time.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test may panic")]

mod faults;
mod plants;
mod reporting;
mod support;
