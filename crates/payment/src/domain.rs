//! The pure rules of payments: states, amounts and what a capture or its outcome makes of them. No I/O, no SQL, no
//! protobuf.

pub mod attempt;
pub mod begin;
pub mod evidence;
pub mod method_token;
pub mod operation;
pub mod payment;
pub mod refusals;
pub mod settle;
pub mod tally;

pub use operation::Operation;
pub use payment::Payment;
