//! Functions over SQL: the statements stand beside them, one file each.

pub(crate) mod family;
pub(crate) mod of_orders;
