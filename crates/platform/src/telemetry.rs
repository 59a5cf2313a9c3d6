//! Logs, traces and metrics of a process.

pub mod trace_id;

pub use trace_id::{TraceId, trace_id};
