//! Technology shared by every context: Postgres, group commit, idempotency, gRPC server, telemetry, embedded Postgres.
//!
//! It knows no generated code and no context.

pub mod embedded;
pub mod grpc;
pub mod telemetry;
