//! Reads, each one statement.

use kernel::id::{OperationId, PaymentId};
use kernel::{Currency, Id, MerchantId, Money, OrderId, Timestamp};
use platform::db::{DbError, Reader};
use platform::sql;
use platform::sql::Sql;
use tokio_postgres::Row;
use uuid::Uuid;

use super::family;
use crate::domain::operation::{self, Operation};
use crate::domain::payment::{Payment, State};

const GET: Sql = sql!("get_payment");
const LIST: Sql = sql!("list_payments");
const LIST_OF_ORDER: Sql = sql!("list_payments_of_order");
const FIRST_OF_ORDER: Sql = sql!("first_of_order");
const STANDING: Sql = sql!("operation_standing");
const REFERENCE_OWNER: Sql = sql!("reference_owner");

pub(crate) const STATEMENTS: [&Sql; 6] =
    [&GET, &LIST, &LIST_OF_ORDER, &FIRST_OF_ORDER, &STANDING, &REFERENCE_OWNER];

/// One payment with its operations.
pub(crate) async fn payment(
    reader: &mut Reader,
    merchant: MerchantId,
    id: PaymentId,
) -> Result<Option<Payment>, DbError> {
    let (least, most) = family::range(id.uuid());
    let rows = reader.query(&GET, &[&id.uuid(), &merchant.uuid(), &least, &most]).await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let mut payment = summary(first);
    payment.operations = rows.iter().filter_map(operation_of).collect();
    Ok(Some(payment))
}

/// At most `limit` payments with ids below `below`, newest orders first, of one order or of all.
pub(crate) async fn list(
    reader: &mut Reader,
    merchant: MerchantId,
    order: Option<OrderId>,
    below: Uuid,
    limit: i64,
) -> Result<Vec<Payment>, DbError> {
    let rows = match order {
        None => reader.query(&LIST, &[&merchant.uuid(), &below, &limit]).await?,
        Some(order) => {
            let (least, most) = family::range(order.uuid());
            let params: [&(dyn tokio_postgres::types::ToSql + Sync); 6] =
                [&merchant.uuid(), &below, &limit, &order.uuid(), &least, &most];
            reader.query(&LIST_OF_ORDER, &params).await?
        }
    };
    Ok(rows.iter().map(summary).collect())
}

/// The payment that an order was placed with.
pub(crate) async fn first_of_order(
    reader: &mut Reader,
    merchant: MerchantId,
    order: OrderId,
) -> Result<Option<PaymentId>, DbError> {
    let (least, most) = family::range(order.uuid());
    let row = reader.query_opt(&FIRST_OF_ORDER, &[&order.uuid(), &merchant.uuid(), &least, &most]).await?;
    Ok(row.map(|row| Id::from_uuid(row.get("id"))))
}

/// Where an operation stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OperationStanding {
    pub payment_id: PaymentId,
    pub state: operation::State,
    /// Until when somebody works on it; none when its outcome is known.
    pub lease_until: Option<Timestamp>,
}

pub(crate) async fn standing(
    reader: &mut Reader,
    merchant: MerchantId,
    id: OperationId,
) -> Result<Option<OperationStanding>, DbError> {
    let row = reader.query_opt(&STANDING, &[&id.uuid(), &merchant.uuid()]).await?;
    Ok(row.map(|row| OperationStanding {
        payment_id: Id::from_uuid(row.get("payment_id")),
        state: operation_state(row.get("state")),
        lease_until: row.get("lease_until"),
    }))
}

/// The operation and the payment that a provider's reference belongs to.
pub(crate) async fn reference_owner(
    reader: &mut Reader,
    merchant: MerchantId,
    provider: &str,
    reference: &str,
) -> Result<Option<(OperationId, PaymentId)>, DbError> {
    let row = reader.query_opt(&REFERENCE_OWNER, &[&merchant.uuid(), &provider, &reference]).await?;
    Ok(row.map(|row| (Id::from_uuid(row.get("operation_id")), Id::from_uuid(row.get("payment_id")))))
}

fn currency(code: &str) -> Currency {
    Currency::parse(code).expect("only ISO 4217 codes are written")
}

fn operation_state(text: &str) -> operation::State {
    operation::State::parse(text).expect("the table's CHECK lists the states of the domain")
}

fn summary(row: &Row) -> Payment {
    Payment {
        payment_id: Id::from_uuid(row.get("id")),
        merchant_id: Id::from_uuid(row.get("merchant_id")),
        order_id: Id::from_uuid(row.get("order_id")),
        state: State::parse(row.get("state")).expect("the table's CHECK lists the states of the domain"),
        amount: Money::new(currency(row.get("currency")), row.get("amount")),
        captured: row.get("captured"),
        refunded: row.get("refunded"),
        provider: row.get("provider"),
        operations: Vec::new(),
        created_time: row.get("created_time"),
        updated_time: row.get("updated_time"),
    }
}

fn operation_of(row: &Row) -> Option<Operation> {
    let id: Option<Uuid> = row.get("operation_id");
    Some(Operation {
        operation_id: Id::from_uuid(id?),
        kind: operation::Kind::parse(row.get("kind"))
            .expect("the table's CHECK lists the kinds of the domain"),
        state: operation_state(row.get("operation_state")),
        amount: Money::new(currency(row.get("operation_currency")), row.get("operation_amount")),
        provider_reference: row.get("provider_reference"),
        failure_reason: row.get("failure_reason"),
        failure_category: row.get("failure_category"),
        created_time: row.get("operation_created_time"),
        ended_time: row.get("ended_time"),
    })
}
