//! Whole-system behaviours; the tests live in `it/`.
