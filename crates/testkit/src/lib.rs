//! What every test that needs Postgres stands on, and the program `testkit`, which runs tests.
//!
//! `testkit run` starts one private Postgres, migrates a template database once and runs the test runner; each test
//! clones the template with [`TestDatabase::new`] and has a database of its own, so tests run in parallel and leave
//! nothing behind.
//!
//! Layout of every crate's tests: pure ones beside the code; those that need a database or a server in one binary,
//! `tests/it/main.rs` with a module per behaviour (`autotests = false` and a `[[test]]` named `it`), because every
//! further binary is linked anew. No test sleeps: it waits for a signal, or [`eventually`] for a condition.
//!
//! It must know no context: nothing here names an order, a payment or a table.

mod database;
mod environment;
mod eventually;
mod port;
pub mod runner;
mod template;

pub use database::TestDatabase;
pub use eventually::eventually;
pub use port::free_port;
