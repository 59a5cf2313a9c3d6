//! One fault at a time. A fault that breaks one thing only is reported by one check only; where a fault breaks several by
//! its nature, all of them are named.

mod house;
mod money;
mod orders;
mod stock;

pub use house::HOUSE;
pub use money::MONEY;
pub use orders::ORDERS;
pub use stock::STOCK;
