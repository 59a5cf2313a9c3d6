//! One payment of one order: the amounts are the truth, the state says what they mean.

use kernel::id::{OrderId, PaymentId};
use kernel::{MerchantId, Money, Timestamp};

use super::Operation;

macro_rules! states {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $state:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        pub enum $name { $($(#[$of])* $state,)* }

        impl $name {
            /// Every state.
            pub const ALL: &'static [Self] = &[$(Self::$state,)*];

            /// The word as it is stored and shown.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$state => $text,)* }
            }

            /// Reads a stored word.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|state| state.as_str() == text)
            }
        }
    };
}
pub(super) use states;

states! {
    /// Where a payment stands.
    State {
        /// Opened; nothing was taken yet.
        Pending = "PENDING",
        /// The customer has to act.
        RequiresAction = "REQUIRES_ACTION",
        /// Money is set aside.
        Authorized = "AUTHORIZED",
        /// A part was captured.
        PartiallyCaptured = "PARTIALLY_CAPTURED",
        /// All of it was captured.
        Captured = "CAPTURED",
        /// The last attempt was declined; another may follow.
        Declined = "DECLINED",
        /// Given up before any money was taken.
        Voided = "VOIDED",
        /// Its order expired before any money was taken.
        Expired = "EXPIRED",
        /// A part of what was captured was given back.
        PartiallyRefunded = "PARTIALLY_REFUNDED",
        /// All that was captured was given back.
        Refunded = "REFUNDED",
    }
}

impl State {
    /// True while nobody has given the payment up and no money was taken: it may be closed with its order.
    #[must_use]
    pub const fn is_unpaid(self) -> bool {
        matches!(self, Self::Pending | Self::Declined | Self::RequiresAction)
    }
}

/// A payment as it is read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Payment {
    /// Its id, in the order's month.
    pub payment_id: PaymentId,
    /// The merchant that is paid.
    pub merchant_id: MerchantId,
    /// The order it pays.
    pub order_id: OrderId,
    /// Where it stands.
    pub state: State,
    /// What is to be paid.
    pub amount: Money,
    /// Minor units captured.
    pub captured: i64,
    /// Minor units given back.
    pub refunded: i64,
    /// The provider that moves the money.
    pub provider: String,
    /// Its operations, oldest first; empty in lists.
    pub operations: Vec<Operation>,
    /// When it was opened.
    pub created_time: Timestamp,
    /// When it last changed.
    pub updated_time: Timestamp,
}
