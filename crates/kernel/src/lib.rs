//! Pure words shared by every context: ids, money, time, keys, page tokens and refusals.
//!
//! No I/O, no async, no SQL and no protobuf in here. Start with [`id`] and [`refusal`].

pub mod clock;
pub mod fingerprint;
pub mod id;
pub mod key;
pub mod money;
pub mod page_token;
pub mod reason;
pub mod refusal;

pub use clock::{Clock, Timestamp};
pub use fingerprint::Fingerprint;
pub use id::{Id, MerchantId, OrderId, SkuId};
pub use key::IdempotencyKey;
pub use money::{Currency, Money};
pub use page_token::PageTokens;
pub use reason::Reason;
pub use refusal::Refusal;
