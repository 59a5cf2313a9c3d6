//! gRPC as a technology: how a request's fields are checked, how a refusal becomes a status, how a server runs.
//!
//! It knows no generated code and no context. A handler reads top to bottom: [`actor()`], [`fields::Fields`], the command
//! or query, and [`status()`] for its refusal. [`server`] runs what was put together.

pub mod actor;
pub mod client;
pub mod fields;
pub mod health;
pub mod layers;
pub mod page;
mod reflection;
pub mod server;
pub mod status;

pub use actor::actor;
pub use fields::Fields;
pub use health::Health;
pub use layers::deadline::Deadline;
pub use server::{REQUEST_BYTES_MAX, Server};
pub use status::{replay_header, status};
