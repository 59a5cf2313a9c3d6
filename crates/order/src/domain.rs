//! The rules of orders: pure, without I/O, SQL or protobuf.

pub mod fulfilment;
pub mod model;
pub mod pricing;
pub mod state;
