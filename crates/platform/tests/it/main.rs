//! The platform against the real thing: sockets, signals, Postgres.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test may panic, and its name says what it is")]

mod group_commit;
mod grpc;
