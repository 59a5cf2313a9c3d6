//! The event log: one event per transition, in its transaction.

use kernel::{Id, MerchantId, Timestamp, id::Event as EventKind};
use serde_json::Value;
use uuid::Uuid;

use crate::db::{DbError, Tx};
use crate::sql;
use crate::sql::Sql;

const APPEND: Sql = sql!("events/append_events");

/// The statements of this module.
pub const STATEMENTS: [&Sql; 1] = [&APPEND];

/// Something that happened to an order (or whatever else moves).
#[derive(Clone, Debug)]
pub struct Event {
    /// The tenant.
    pub merchant_id: MerchantId,
    /// What it happened to.
    pub subject_id: Uuid,
    /// The subject's own gapless number of it.
    pub seq: i32,
    /// Past tense, for example `OrderPlaced`.
    pub kind: &'static str,
    /// The facts.
    pub payload: Value,
}

/// Appends events.
///
/// # Errors
/// As [`Tx::write`].
pub async fn append(tx: &Tx, now: Timestamp, events: &[Event]) -> Result<(), DbError> {
    let ids: Vec<Uuid> = events.iter().map(|_| Id::<EventKind>::mint(now).uuid()).collect();
    let merchants: Vec<Uuid> = events.iter().map(|event| event.merchant_id.uuid()).collect();
    let subjects: Vec<Uuid> = events.iter().map(|event| event.subject_id).collect();
    let seqs: Vec<i32> = events.iter().map(|event| event.seq).collect();
    let kinds: Vec<&str> = events.iter().map(|event| event.kind).collect();
    let payloads: Vec<&Value> = events.iter().map(|event| &event.payload).collect();
    tx.write(&APPEND, &[&ids, &merchants, &subjects, &seqs, &kinds, &payloads, &now], events.len()).await
}
