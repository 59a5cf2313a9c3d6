//! The platform against the real thing: sockets, signals, Postgres.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test may panic, and its name says what it is")]

mod database_clock;
mod group_commit;
mod grpc;
