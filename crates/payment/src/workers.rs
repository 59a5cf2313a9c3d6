//! What happens by itself.

pub mod recovery;
