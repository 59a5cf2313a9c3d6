//! What the order context does by itself.

pub mod expiry;
