//! A payment provider to develop and test against: Stripe's v1 wire protocol over HTTP/1.1, with its idempotency
//! rules, and a journal that survives a crash.
//!
//! It knows nothing of Purser's orders and payments: what it is told is what a real provider would be told. It moves
//! no real money, takes test payment methods only, and believes every bearer credential, so it belongs on loopback.
//! Smaller than the original: payment intents that are confirmed as they are created and captured at once, and no
//! smallest amount.
//!
//! Start with [`Sim`]; a request's story is `http/create.rs`.

mod book;
mod card;
mod fault;
mod http;
mod intent;
mod journal;
mod link;
mod record;
mod reply;
mod sim;

pub use book::Charge;
pub use fault::{Delay, Fault, Faults, Gate};
pub use sim::{Config, Sim, SimError};
