//! The simulator through real HTTP.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test that cannot go on fails")]

mod create;
mod faults;
mod idempotency;
mod journal;
mod process;
mod read;
mod served;
