//! purser
