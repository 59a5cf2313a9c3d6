//! Does everything add up? Reads what the other contexts publish (their `facts_*` views), never their tables, and
//! writes nothing.
//!
//! [`check::run`] runs the invariants of [`checks`], each a statement that returns what violates it.

pub mod check;
pub mod checks;
