//! The pure rules of payments: states, amounts and what a capture or its outcome makes of them. No I/O, no SQL, no
//! protobuf.

pub mod operation;
pub mod payment;

pub use operation::Operation;
pub use payment::Payment;
