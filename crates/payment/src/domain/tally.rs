//! The amounts of one payment, as one transaction has locked them and folds its commands into them.

use kernel::id::PaymentId;
use kernel::{Currency, MerchantId, Money, OrderId, Timestamp};

use super::Payment;
use super::payment::State;

/// A locked payment row. Minor units, all amounts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tally {
    /// The payment.
    pub payment_id: PaymentId,
    /// The merchant that is paid.
    pub merchant_id: MerchantId,
    /// The order it pays.
    pub order_id: OrderId,
    /// Where it stands.
    pub state: State,
    /// The currency of every amount.
    pub currency: Currency,
    /// What is to be paid.
    pub amount: i64,
    /// What may be captured.
    pub limit: i64,
    /// What operations in flight are capturing.
    pub capture_pending: i64,
    /// What was captured.
    pub captured: i64,
    /// What was given up after it had been authorised.
    pub voided: i64,
    /// What operations in flight are giving back.
    pub refund_pending: i64,
    /// What was given back.
    pub refunded: i64,
    /// What was captured beyond the limit.
    pub excess: i64,
    /// The provider that moves the money.
    pub provider: String,
    /// The guard of the row's update, as it was read.
    pub seq: i32,
    /// When it was opened.
    pub created_time: Timestamp,
    /// True once a command changed it.
    pub changed: bool,
}

impl Tally {
    /// What is still to be captured.
    #[must_use]
    pub const fn open(&self) -> i64 {
        self.limit - self.captured - self.capture_pending - self.voided
    }

    /// Sets `amount` aside for an operation that begins.
    pub const fn begin_capture(&mut self, amount: i64) {
        self.capture_pending += amount;
        self.changed = true;
    }

    /// Books what the provider moved for an operation that had set `pending` aside. What goes beyond the limit is
    /// booked as well, as an excess.
    pub fn capture(&mut self, moved: i64, pending: i64) {
        self.capture_pending -= pending;
        self.captured += moved;
        self.excess = self.excess.max(self.captured + self.capture_pending + self.voided - self.limit);
        self.state = self.state_of_amounts();
        self.changed = true;
    }

    /// Releases what an operation had set aside; nothing moved.
    pub fn release_capture(&mut self, pending: i64, declined: bool) {
        self.capture_pending -= pending;
        if declined && self.captured == 0 && self.state.is_unpaid() {
            self.state = State::Declined;
        }
        self.changed = true;
    }

    /// Sets `amount` of what was captured aside for being given back.
    pub const fn begin_refund(&mut self, amount: i64) {
        self.refund_pending += amount;
        self.changed = true;
    }

    fn state_of_amounts(&self) -> State {
        if self.captured == 0 {
            self.state
        } else if self.refunded >= self.captured {
            State::Refunded
        } else if self.refunded > 0 {
            State::PartiallyRefunded
        } else if self.captured >= self.limit {
            State::Captured
        } else {
            State::PartiallyCaptured
        }
    }

    /// The payment as this transaction leaves it, without its operations.
    #[must_use]
    pub fn payment(&self, now: Timestamp) -> Payment {
        Payment {
            payment_id: self.payment_id,
            merchant_id: self.merchant_id,
            order_id: self.order_id,
            state: self.state,
            amount: Money::new(self.currency, self.amount),
            captured: self.captured,
            refunded: self.refunded,
            provider: self.provider.clone(),
            operations: Vec::new(),
            created_time: self.created_time,
            updated_time: now,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) fn tally(limit: i64) -> Tally {
        let now = Timestamp::UNIX_EPOCH + time::Duration::days(20_000);
        Tally {
            payment_id: PaymentId::mint(now),
            merchant_id: MerchantId::mint(now),
            order_id: OrderId::mint(now),
            state: State::Pending,
            currency: Currency::parse("GBP").expect("known"),
            amount: limit,
            limit,
            capture_pending: 0,
            captured: 0,
            voided: 0,
            refund_pending: 0,
            refunded: 0,
            excess: 0,
            provider: "test".to_owned(),
            seq: 1,
            created_time: now,
            changed: false,
        }
    }

    #[test]
    fn a_decline_releases_what_was_set_aside_and_a_capture_takes_it() {
        let mut payment = tally(100);
        payment.begin_capture(100);
        assert_eq!((payment.open(), payment.state), (0, State::Pending));
        payment.release_capture(100, true);
        assert_eq!((payment.open(), payment.state), (100, State::Declined));
        payment.begin_capture(100);
        payment.capture(100, 100);
        assert_eq!((payment.open(), payment.state, payment.excess), (0, State::Captured, 0));
    }

    #[test]
    fn giving_up_what_was_never_sent_leaves_the_state() {
        let mut payment = tally(100);
        payment.begin_capture(100);
        payment.release_capture(100, false);
        assert_eq!((payment.open(), payment.state), (100, State::Pending));
    }

    proptest! {
        #[test]
        fn whatever_moves_is_booked_and_the_checks_of_the_table_hold(
            limit in 1_i64..1_000, moves in proptest::collection::vec((any::<bool>(), 0_i64..2_000), 1..5)
        ) {
            let mut payment = tally(limit);
            let mut moved_in_all = 0;
            for (declined, moved) in moves {
                let asked = payment.open().max(0);
                payment.begin_capture(asked);
                if declined {
                    payment.release_capture(asked, true);
                } else {
                    payment.capture(moved, asked);
                    moved_in_all += moved;
                }
                prop_assert!(
                    payment.captured + payment.capture_pending + payment.voided <= payment.limit + payment.excess
                );
                prop_assert!(payment.capture_pending >= 0 && payment.excess >= 0);
            }
            prop_assert_eq!(payment.captured, moved_in_all);
        }
    }
}
