//! Functions over SQL: the statements stand beside them, one file each.

pub(crate) mod family;
pub(crate) mod in_flight;
pub(crate) mod leases;
pub(crate) mod of_orders;
pub(crate) mod operations;
pub(crate) mod payments;
pub(crate) mod reads;
pub(crate) mod references;

/// Every statement of this crate.
pub(crate) fn statements() -> Vec<&'static platform::sql::Sql> {
    let mut statements = in_flight::STATEMENTS.to_vec();
    statements.extend(leases::STATEMENTS);
    statements.extend(of_orders::STATEMENTS);
    statements.extend(operations::STATEMENTS);
    statements.extend(payments::STATEMENTS);
    statements.extend(reads::STATEMENTS);
    statements.extend(references::STATEMENTS);
    statements
}
