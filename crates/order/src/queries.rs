//! The reads of this context: one file each, one statement each.

pub mod batch_get_orders;
pub mod get_order;
pub mod get_order_timeline;
pub mod list_fulfillment_queue;
pub mod list_orders;
mod rows;
