//! What holds of the whole system: real processes, real databases, generated clients. Nothing of a context's inside is
//! tested here.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test may panic, and its name says what it is")]

mod concurrency;
mod contract_surface;
mod invalid_requests;
mod migrating;
mod months;
mod purchase;
mod replay;
mod roles;
mod separate_payment;
mod stopping;
mod support;
mod tenancy;
mod tracing_export;
