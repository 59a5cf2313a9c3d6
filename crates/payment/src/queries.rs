//! One file per read.

mod first_of_order;
mod get_payment;
mod list_payments;
mod lookup_payment;

pub use first_of_order::first_of_order;
pub use get_payment::get_payment;
pub use list_payments::{ListPayments, Page, list_payments};
pub use lookup_payment::{By, lookup_payment};
