//! purser

pub mod demo;
pub mod replay;
