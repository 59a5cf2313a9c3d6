//! Whole-system behaviours, through real `purser` processes; the tests live in `it/`.
