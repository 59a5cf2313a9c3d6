//! Our words as the contract's.

use contract::purser::common::v1 as common;
use contract::purser::payment::v1 as proto;
use kernel::{Money, Timestamp};

use crate::domain::operation::{self, Operation};
use crate::domain::payment::{Payment, State};

fn time(at: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: at.unix_timestamp(),
        nanos: i32::try_from(at.nanosecond()).unwrap_or_default(),
    }
}

fn money(money: Money) -> common::Money {
    common::Money { currency_code: money.currency.code().to_owned(), minor_units: money.minor }
}

pub(super) fn payment(payment: Payment) -> proto::Payment {
    let in_its_currency = |minor| money(Money::new(payment.amount.currency, minor));
    proto::Payment {
        payment_id: payment.payment_id.to_string(),
        merchant_id: payment.merchant_id.to_string(),
        order_id: payment.order_id.to_string(),
        state: state(payment.state).into(),
        amount: Some(money(payment.amount)),
        captured: Some(in_its_currency(payment.captured)),
        refunded: Some(in_its_currency(payment.refunded)),
        provider: payment.provider,
        operations: payment.operations.into_iter().map(operation).collect(),
        create_time: Some(time(payment.created_time)),
        update_time: Some(time(payment.updated_time)),
    }
}

const fn state(state: State) -> proto::payment::State {
    use proto::payment::State as Shown;
    match state {
        State::Pending => Shown::Pending,
        State::RequiresAction => Shown::RequiresAction,
        State::Authorized => Shown::Authorized,
        State::PartiallyCaptured => Shown::PartiallyCaptured,
        State::Captured => Shown::Captured,
        State::Declined => Shown::Declined,
        State::Voided => Shown::Voided,
        State::Expired => Shown::Expired,
        State::PartiallyRefunded => Shown::PartiallyRefunded,
        State::Refunded => Shown::Refunded,
    }
}

fn operation(operation: Operation) -> proto::Operation {
    use proto::operation::{Kind, State as Shown};
    let kind = match operation.kind {
        operation::Kind::Capture => Kind::Capture,
        operation::Kind::Refund => Kind::Refund,
    };
    let state = match operation.state {
        operation::State::Submitted => Shown::Submitted,
        operation::State::Succeeded => Shown::Succeeded,
        operation::State::Failed => Shown::Failed,
        operation::State::Pending => Shown::Pending,
        operation::State::Unknown => Shown::Unknown,
        operation::State::Review => Shown::Review,
    };
    proto::Operation {
        operation_id: operation.operation_id.to_string(),
        kind: kind.into(),
        state: state.into(),
        amount: Some(money(operation.amount)),
        provider_reference: operation.provider_reference,
        failure_reason: operation.failure_reason,
        failure_category: operation.failure_category,
        create_time: Some(time(operation.created_time)),
        end_time: operation.ended_time.map(time),
    }
}
