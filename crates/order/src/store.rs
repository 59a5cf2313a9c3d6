//! Functions over SQL: the statements stand beside them as `.sql` files.

pub mod claims;
pub mod place_order;
pub mod transition;
