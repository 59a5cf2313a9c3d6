//! Operation rows.

use std::collections::BTreeMap;

use kernel::id::OperationId;
use kernel::{Currency, Id, MerchantId, Money, Timestamp};
use platform::db::{DbError, LockClass, Locking, Tx};
use platform::sql;
use platform::sql::Sql;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::domain::attempt::{Attempt, OpenOperation};
use crate::domain::operation::{Kind, State};

const INSERT: Sql = sql!("insert_operations");
const LOCK: Sql = sql!("lock_operations");
const LOCK_FREE: Sql = sql!("lock_operations", " SKIP LOCKED");
const UPDATE: Sql = sql!("update_operations");
const BEGUN: Sql = sql!("begun_operations");
const PARK: Sql = sql!("park_operation");

pub(crate) const STATEMENTS: [&Sql; 6] = [&INSERT, &LOCK, &LOCK_FREE, &UPDATE, &BEGUN, &PARK];

/// An operation as a command names it; sorts as the primary key does.
pub(crate) type OperationKey = (OperationId, MerchantId);

pub(super) fn arrays(operations: &[OperationKey]) -> (Vec<Uuid>, Vec<Uuid>) {
    operations.iter().map(|(operation, merchant)| (operation.uuid(), merchant.uuid())).unzip()
}

pub(super) fn key_of(row: &Row) -> OperationKey {
    (Id::from_uuid(row.get("id")), Id::from_uuid(row.get("merchant_id")))
}

/// An operation to be written down.
pub(crate) struct NewOperation<'a> {
    pub attempt: &'a Attempt,
    pub kind: Kind,
    pub key_scope: &'a str,
    pub key: &'a [u8],
    pub actor: &'a str,
}

pub(crate) async fn insert(tx: &Tx, now: Timestamp, new: &[NewOperation<'_>]) -> Result<(), DbError> {
    let ids: Vec<Uuid> = new.iter().map(|new| new.attempt.operation_id.uuid()).collect();
    let merchants: Vec<Uuid> = new.iter().map(|new| new.attempt.merchant_id.uuid()).collect();
    let payments: Vec<Uuid> = new.iter().map(|new| new.attempt.payment_id.uuid()).collect();
    let orders: Vec<Uuid> = new.iter().map(|new| new.attempt.order_id.uuid()).collect();
    let kinds: Vec<&str> = new.iter().map(|new| new.kind.as_str()).collect();
    let amounts: Vec<i64> = new.iter().map(|new| new.attempt.amount.minor).collect();
    let currencies: Vec<&str> = new.iter().map(|new| new.attempt.amount.currency.code()).collect();
    let provider_keys: Vec<&str> = new.iter().map(|new| new.attempt.provider_key.as_str()).collect();
    let tokens: Vec<&str> = new.iter().map(|new| new.attempt.method_token.as_str()).collect();
    let scopes: Vec<&str> = new.iter().map(|new| new.key_scope).collect();
    let keys: Vec<&[u8]> = new.iter().map(|new| new.key).collect();
    let actors: Vec<&str> = new.iter().map(|new| new.actor).collect();
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 13] = [
        &ids,
        &merchants,
        &payments,
        &orders,
        &kinds,
        &amounts,
        &currencies,
        &provider_keys,
        &tokens,
        &scopes,
        &keys,
        &actors,
        &now,
    ];
    tx.write(&INSERT, &params, new.len()).await
}

/// Locks operations, without their leases. Those locked elsewhere are missing when the transaction skips what is locked.
pub(crate) async fn lock(
    tx: &Tx,
    operations: &[OperationKey],
) -> Result<BTreeMap<OperationKey, OpenOperation>, DbError> {
    let (ids, merchants) = arrays(operations);
    let sql = if tx.locking() == Locking::Skip { &LOCK_FREE } else { &LOCK };
    let rows = tx.lock(LockClass::Operations, sql, &[&ids, &merchants]).await?;
    Ok(rows.iter().map(|row| (key_of(row), open_operation(row))).collect())
}

fn open_operation(row: &Row) -> OpenOperation {
    let (operation_id, merchant_id) = key_of(row);
    OpenOperation {
        operation_id,
        merchant_id,
        payment_id: Id::from_uuid(row.get("payment_id")),
        order_id: Id::from_uuid(row.get("order_id")),
        kind: Kind::parse(row.get("kind")).expect("the table's CHECK lists the kinds of the domain"),
        state: State::parse(row.get("state")).expect("the table's CHECK lists the states of the domain"),
        amount: money(row),
        provider_reference: row.get("provider_reference"),
        failure_reason: row.get("failure_reason"),
        failure_category: row.get("failure_category"),
        key_scope: row.get("key_scope"),
        key: row.get("key"),
        actor: row.get("actor"),
        created_time: row.get("created_time"),
        ended_time: row.get("ended_time"),
        lease: None,
    }
}

pub(super) fn money(row: &Row) -> Money {
    let currency = Currency::parse(row.get("currency")).expect("only ISO 4217 codes are written");
    Money::new(currency, row.get("amount"))
}

/// What the provider is asked, by whoever holds `lease_token`; from a row of operations.
pub(super) fn attempt(row: &Row, lease_token: Uuid) -> Attempt {
    let (operation_id, merchant_id) = key_of(row);
    Attempt {
        operation_id,
        merchant_id,
        payment_id: Id::from_uuid(row.get("payment_id")),
        order_id: Id::from_uuid(row.get("order_id")),
        amount: money(row),
        provider_key: row.get("provider_key"),
        method_token: row.get("method_token"),
        lease_token,
        created_time: row.get("created_time"),
    }
}

/// Those operations that exist, as an earlier run has begun them, each with the lease token that it was minted with.
pub(crate) async fn begun(
    tx: &Tx,
    operations: &[(OperationKey, Uuid)],
) -> Result<BTreeMap<OperationKey, Attempt>, DbError> {
    if operations.is_empty() {
        return Ok(BTreeMap::new());
    }
    let keys: Vec<OperationKey> = operations.iter().map(|(key, _)| *key).collect();
    let tokens: BTreeMap<OperationKey, Uuid> = operations.iter().copied().collect();
    let (ids, merchants) = arrays(&keys);
    let rows = tx.query(&BEGUN, &[&ids, &merchants]).await?;
    Ok(rows.iter().map(|row| (key_of(row), attempt(row, tokens[&key_of(row)]))).collect())
}

pub(crate) async fn update(tx: &Tx, operations: &[&OpenOperation]) -> Result<(), DbError> {
    let ids: Vec<Uuid> = operations.iter().map(|operation| operation.operation_id.uuid()).collect();
    let merchants: Vec<Uuid> = operations.iter().map(|operation| operation.merchant_id.uuid()).collect();
    let states: Vec<&str> = operations.iter().map(|operation| operation.state.as_str()).collect();
    let references: Vec<&str> =
        operations.iter().map(|operation| operation.provider_reference.as_str()).collect();
    let reasons: Vec<&str> = operations.iter().map(|operation| operation.failure_reason.as_str()).collect();
    let categories: Vec<&str> =
        operations.iter().map(|operation| operation.failure_category.as_str()).collect();
    let ended: Vec<Option<Timestamp>> = operations.iter().map(|operation| operation.ended_time).collect();
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 7] =
        [&ids, &merchants, &states, &references, &reasons, &categories, &ended];
    tx.write(&UPDATE, &params, operations.len()).await
}

/// Leaves one operation to a person, in a transaction that touches nothing else.
pub(crate) async fn park(tx: &Tx, key: OperationKey, reference: &str, why: &str) -> Result<(), DbError> {
    tx.reach(LockClass::Operations, PARK.name)?;
    tx.query(&PARK, &[&key.0.uuid(), &key.1.uuid(), &reference, &why]).await.map(drop)
}
