//! Pure decisions of the catalogue: no I/O, no SQL, no protobuf.

pub mod code;
pub mod price;
