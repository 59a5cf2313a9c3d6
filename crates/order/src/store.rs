//! Functions over SQL: the statements stand beside them as `.sql` files.

pub mod place_order;
pub mod references;
pub mod tracking;
pub mod transition;
