//! The binary as its users meet it.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test may panic, and its name says what it is")]

mod cli;
mod constraints;
mod plans;
mod schema;
mod serve;
