//! gRPC as a technology: how a request's fields are checked, how a refusal becomes a status, how a server runs.
//!
//! It knows no generated code and no context. A handler reads top to bottom: [`actor`], [`fields::Fields`], the command
//! or query, and [`status::status`] for its refusal.

pub mod actor;
pub mod fields;
pub mod page;
pub mod status;

pub use actor::actor;
pub use fields::Fields;
pub use status::{replay_header, status};
