//! Technology shared by every context: Postgres, group commit, idempotency, gRPC server, telemetry, embedded Postgres.
//!
//! It knows no generated code and no context.

pub mod constraints;
pub mod database_clock;
pub mod db;
pub mod embedded;
pub mod events;
pub mod fault;
pub mod group_commit;
pub mod grpc;
pub mod idempotency;
pub mod listen;
pub mod migrate;
pub mod months;
pub mod page_tokens;
pub mod sql;
pub mod stop;
pub mod telemetry;
