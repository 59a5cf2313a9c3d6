//! What the tests share.

pub mod data_dir;
pub mod database;
pub mod methods;
pub mod process;
pub mod provider;
pub mod shop;
pub mod status;
pub mod world;
