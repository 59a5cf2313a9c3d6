//! The payment context through its public surface.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod provider;
