//! Postgres: two pools, one per function of the process, and the errors of the database in our own words.
//!
//! Start with [`Database`]. A write goes through [`tx::Tx`], almost always inside a group commit; a read takes
//! [`Database::read`].

pub mod error;
pub mod pool;
pub mod reader;
pub mod tx;

pub use error::{DbError, Trouble};
pub use pool::{Database, DatabaseConfig};
pub use reader::Reader;
pub use tx::{LockClass, Locking, Tx};
