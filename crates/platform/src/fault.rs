//! Failpoints for tests. Without the cargo feature `faults` every call is a constant.

/// What a test wants to happen at `point`, or `None`.
#[cfg(feature = "faults")]
#[must_use]
pub fn hit(point: &str) -> Option<String> {
    fail::eval(point, Option::unwrap_or_default)
}

/// What a test wants to happen at `point`, or `None`.
#[cfg(not(feature = "faults"))]
#[inline]
#[must_use]
pub fn hit(_point: &str) -> Option<String> {
    None
}

/// True when a test wants `point` with the name of a statement to happen.
#[cfg(feature = "faults")]
#[must_use]
pub(crate) fn at_statement(point: &str, statement: &str) -> bool {
    hit(&format!("{point}::{statement}")).is_some()
}

/// True when a test wants `point` with the name of a statement to happen.
#[cfg(not(feature = "faults"))]
#[inline]
#[must_use]
pub(crate) fn at_statement(_point: &str, _statement: &str) -> bool {
    false
}
