//! purser

pub mod replay;
