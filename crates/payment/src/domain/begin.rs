//! Whether a capture may begin: the order stands open, the payment has an open amount, and nothing of it is in flight.

use kernel::Refusal;
use kernel::id::OperationId;

use super::payment::State;
use super::refusals;
use super::tally::Tally;
use crate::orders::Standing;

/// What is decided about one capture.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Decision {
    /// It begins, for so many minor units.
    Begins(i64),
    /// It is refused for good, and the refusal is kept under its key: a ghost of this request that arrives later must not
    /// take the money that its caller has given up on.
    Refused(Refusal),
    /// It is refused for now; its key stays free.
    NotNow(Refusal),
    /// Something it needs is locked elsewhere.
    Busy,
}

/// Decides one capture. The next command of the batch must see the payment as this one leaves it: an accepted capture
/// sets the open amount aside.
pub fn begin(payment: &mut Tally, standing: Standing, in_flight: Option<OperationId>) -> Decision {
    if standing == Standing::Busy {
        return Decision::Busy;
    }
    if let Some(operation) = in_flight {
        return Decision::NotNow(refusals::operation_pending(payment.payment_id, operation));
    }
    if !matches!(payment.state, State::Pending | State::Declined) {
        return Decision::Refused(refusals::payment_state(payment));
    }
    match standing {
        Standing::Closed { state } => return Decision::Refused(refusals::order_state(payment, state)),
        Standing::Missing => return Decision::Refused(refusals::order_state(payment, "MISSING")),
        Standing::Open | Standing::Busy => {}
    }
    let amount = payment.open();
    if amount <= 0 {
        return Decision::Refused(refusals::exceeds_capturable(payment));
    }
    payment.begin_capture(amount);
    Decision::Begins(amount)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tally::tests::tally;
    use kernel::Reason;

    fn reason(decision: Decision) -> Reason {
        match decision {
            Decision::Refused(refusal) | Decision::NotNow(refusal) => refusal.reason,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_an_unpaid_payment_of_an_open_order_begins_and_for_all_that_is_open() {
        for state in State::ALL {
            let mut payment = tally(100);
            payment.state = *state;
            let decision = begin(&mut payment, Standing::Open, None);
            if matches!(state, State::Pending | State::Declined) {
                assert_eq!((decision, payment.open()), (Decision::Begins(100), 0));
            } else {
                assert_eq!(reason(decision), Reason::PaymentStateInvalid);
                assert!(!payment.changed);
            }
        }
        let closed = Standing::Closed { state: "CANCELLED" };
        assert_eq!(reason(begin(&mut tally(100), closed, None)), Reason::PaymentStateInvalid);
        assert_eq!(begin(&mut tally(100), Standing::Busy, None), Decision::Busy);
    }

    #[test]
    fn an_operation_in_flight_is_no_reason_for_ever() {
        let mut payment = tally(100);
        let operation = OperationId::mint_beside(payment.payment_id);
        let decision = begin(&mut payment, Standing::Open, Some(operation));
        assert!(matches!(decision, Decision::NotNow(refusal) if refusal.reason == Reason::OperationPending));
    }

    #[test]
    fn nothing_open_is_refused() {
        let mut payment = tally(100);
        payment.voided = 100;
        assert_eq!(reason(begin(&mut payment, Standing::Open, None)), Reason::AmountExceedsCapturable);
    }
}
