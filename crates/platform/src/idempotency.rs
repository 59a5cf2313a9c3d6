//! Idempotency keys in the database: one table for all methods, claimed in the transaction that does the work.
//!
//! Whose claim a row is shows in its resource id: the claiming request minted it, so a request that is run again after
//! an unanswered COMMIT finds its own id and knows that it had succeeded.

use std::collections::HashMap;
use std::time::Duration;

use kernel::{Fingerprint, IdempotencyKey, MerchantId, Reason, Refusal, Timestamp};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::db::{DbError, LockClass, Locking, Trouble, Tx};
use crate::sql;
use crate::sql::Sql;

mod find;
mod stored;

pub use find::find;
pub use stored::{StoredKey, free_stored};

const CLAIM: Sql = sql!("idempotency/claim_keys");
const READ: Sql = sql!("idempotency/read_keys");
const FREE: Sql = sql!("idempotency/free_keys");
const FINISH: Sql = sql!("idempotency/finish_keys");

/// The statements of this module, to be prepared by whoever uses it.
pub const STATEMENTS: [&Sql; 4] = [&CLAIM, &READ, &FREE, &FINISH];

/// Whose keys they are: a key names one intent within its scope.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Scope {
    merchant: Uuid,
    name: &'static str,
}

impl Scope {
    /// The keys of a merchant's callers.
    #[must_use]
    pub const fn merchant(merchant: MerchantId) -> Self {
        Self { merchant: merchant.uuid(), name: "merchant" }
    }

    /// The keys that the system derives for itself, in the name of a merchant.
    #[must_use]
    pub const fn system(merchant: MerchantId) -> Self {
        Self { merchant: merchant.uuid(), name: "system" }
    }

    /// The keys of methods without a merchant.
    #[must_use]
    pub const fn global() -> Self {
        Self { merchant: Uuid::nil(), name: "global" }
    }

    /// The merchant, or the nil UUID.
    #[must_use]
    pub const fn merchant_uuid(&self) -> Uuid {
        self.merchant
    }

    /// The scope's name as it is stored.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

/// How a claimed key starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Start {
    /// The transaction that claims it also does the work.
    Done,
    /// A money method: the outcome comes later, by [`finish`].
    Open,
}

/// A request's claim of its key.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Whose key it is.
    pub scope: Scope,
    /// The key.
    pub key: IdempotencyKey,
    /// What the request says.
    pub fingerprint: Fingerprint,
    /// Short name of the method, for example `PlaceOrder`.
    pub method: &'static str,
    /// The id that this request minted: of what it makes, or of its event.
    pub resource_id: Uuid,
    /// How the key starts.
    pub start: Start,
}

/// What became of a claim.
#[derive(Clone, PartialEq, Debug)]
pub enum Claimed {
    /// The key is ours; nothing was done under it yet.
    Fresh,
    /// The key is ours from an earlier run of this very request, whose COMMIT went through unheard.
    Mine(Earlier),
    /// The same request was made before.
    Repeated(Earlier),
    /// The key named another request.
    Reused(Refusal),
    /// Another transaction holds the key right now.
    Busy,
}

/// What a key stands for that was claimed before.
#[derive(Clone, PartialEq, Debug)]
pub struct Earlier {
    /// The id that the first request minted.
    pub resource_id: Uuid,
    /// What came of it.
    pub outcome: Outcome,
    /// When it was claimed.
    pub first_time: Timestamp,
}

/// The stored outcome of a key.
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome {
    /// Not known yet.
    Open,
    /// Success; the resource is read as it stands now.
    Done,
    /// Refused for good; the same answer is given again.
    Refused(Box<Refusal>),
}

/// Claims the keys of a batch, and tells for each what became of it, in the order given. No two of `claims` have the
/// same scope and key: the lane folds those first.
///
/// # Errors
/// As [`Tx::query`]; a key locked elsewhere past the time-out is an error unless the transaction skips what is locked.
pub async fn claim(tx: &Tx, now: Timestamp, claims: &[&Claim]) -> Result<Vec<Claimed>, DbError> {
    if claims.is_empty() {
        return Ok(Vec::new());
    }
    tx.reach(LockClass::Keys, CLAIM.name)?;
    // Sorted by primary key, so that two batches that share keys take them in one order.
    let mut order: Vec<usize> = (0..claims.len()).collect();
    order.sort_by(|a, b| sort_key(claims[*a]).cmp(&sort_key(claims[*b])));

    let mut claimed = vec![Claimed::Busy; claims.len()];
    let conflicts = if tx.locking() == Locking::Skip {
        claim_what_is_free(tx, now, claims, order, &mut claimed).await?
    } else {
        insert(tx, now, claims, &order, &mut claimed, false).await?
    };
    read_conflicts(tx, claims, &conflicts, &mut claimed).await?;
    Ok(claimed)
}

/// Claims keys and runs the statements of `rest`, which must be lazy, in one pipeline behind the claim. While locked rows
/// are skipped the claim runs alone first: it uses savepoints, and rolling one back would undo whatever else was sent.
///
/// # Errors
/// As [`claim`] and `rest`.
pub async fn claim_and<T>(
    tx: &Tx,
    now: Timestamp,
    claims: &[&Claim],
    rest: impl Future<Output = Result<T, DbError>>,
) -> Result<(Vec<Claimed>, T), DbError> {
    if tx.locking() == Locking::Skip {
        let claimed = claim(tx, now, claims).await?;
        return Ok((claimed, rest.await?));
    }
    futures::future::try_join(claim(tx, now, claims), rest).await
}

fn sort_key(claim: &Claim) -> (&Scope, &[u8]) {
    (&claim.scope, claim.key.as_bytes())
}

/// Inserts the claims at `places`, marks the fresh ones and returns the places of the others.
async fn insert(
    tx: &Tx,
    now: Timestamp,
    claims: &[&Claim],
    places: &[usize],
    claimed: &mut [Claimed],
    apart: bool,
) -> Result<Vec<usize>, DbError> {
    let picked: Vec<&Claim> = places.iter().map(|place| claims[*place]).collect();
    let merchants: Vec<Uuid> = picked.iter().map(|claim| claim.scope.merchant).collect();
    let scopes: Vec<&str> = picked.iter().map(|claim| claim.scope.name).collect();
    let keys: Vec<&[u8]> = picked.iter().map(|claim| claim.key.as_bytes()).collect();
    let fingerprints: Vec<&[u8]> = picked.iter().map(|claim| &claim.fingerprint.0[..]).collect();
    let methods: Vec<&str> = picked.iter().map(|claim| claim.method).collect();
    let resources: Vec<Uuid> = picked.iter().map(|claim| claim.resource_id).collect();
    let outcomes: Vec<&str> = picked
        .iter()
        .map(|claim| match claim.start {
            Start::Done => "DONE",
            Start::Open => "OPEN",
        })
        .collect();
    let version = kernel::fingerprint::VERSION;
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 9] =
        [&merchants, &scopes, &keys, &fingerprints, &methods, &resources, &outcomes, &version, &now];
    let rows = if apart { tx.attempt(&CLAIM, &params).await? } else { tx.query(&CLAIM, &params).await? };

    // Freshness is the minted id coming back, never the mere presence of the key.
    let fresh: std::collections::HashSet<Uuid> = rows.iter().map(|row| row.get(0)).collect();
    let (ours, conflicts): (Vec<usize>, Vec<usize>) =
        places.iter().partition(|place| fresh.contains(&claims[**place].resource_id));
    for place in ours {
        claimed[place] = Claimed::Fresh;
    }
    Ok(conflicts)
}

/// Claims by halves, leaving out the keys that another transaction holds; nothing else is locked yet.
async fn claim_what_is_free(
    tx: &Tx,
    now: Timestamp,
    claims: &[&Claim],
    order: Vec<usize>,
    claimed: &mut [Claimed],
) -> Result<Vec<usize>, DbError> {
    let mut conflicts = Vec::new();
    let mut open = vec![order];
    while let Some(places) = open.pop() {
        match insert(tx, now, claims, &places, claimed, true).await {
            Ok(more) => conflicts.extend(more),
            Err(error) if error.trouble() == Trouble::Locked => {
                if places.len() > 1 {
                    let (left, right) = places.split_at(places.len() / 2);
                    open.push(right.to_vec());
                    open.push(left.to_vec());
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(conflicts)
}

/// Reads what the conflicting keys stand for, in a statement of its own: the one that claimed could not see them.
async fn read_conflicts(
    tx: &Tx,
    claims: &[&Claim],
    conflicts: &[usize],
    claimed: &mut [Claimed],
) -> Result<(), DbError> {
    if conflicts.is_empty() {
        return Ok(());
    }
    let merchants: Vec<Uuid> = conflicts.iter().map(|place| claims[*place].scope.merchant).collect();
    let scopes: Vec<&str> = conflicts.iter().map(|place| claims[*place].scope.name).collect();
    let keys: Vec<&[u8]> = conflicts.iter().map(|place| claims[*place].key.as_bytes()).collect();
    let rows = tx.query(&READ, &[&merchants, &scopes, &keys]).await?;
    if rows.len() != conflicts.len() {
        // A key that conflicted a moment ago is gone: it was freed in between. Start over.
        return Err(DbError::Changed("an idempotency key"));
    }
    for row in rows {
        let position: i64 = row.get("position");
        let place = conflicts[usize::try_from(position - 1).unwrap_or_default()];
        claimed[place] = judge(claims[place], &row);
    }
    Ok(())
}

fn judge(claim: &Claim, row: &Row) -> Claimed {
    let fingerprint: Vec<u8> = row.get("fingerprint");
    let version: i16 = row.get("fingerprint_version");
    let method: String = row.get("method");
    let first_time: Timestamp = row.get("created_time");
    let resource_id: Uuid = row.get("resource_id");
    // A fingerprint of another version cannot be compared: the method has to do, so that a deploy raises no false
    // mismatch.
    let same = if version == kernel::fingerprint::VERSION {
        fingerprint == claim.fingerprint.0
    } else {
        method == claim.method
    };
    if !same {
        return Claimed::Reused(reused(&method, first_time));
    }
    let outcome = match row.get::<_, &str>("outcome") {
        "OPEN" => Outcome::Open,
        "REFUSED" => Outcome::Refused(Box::new(
            serde_json::from_value(row.get("refusal")).unwrap_or_else(|_| Refusal::internal()),
        )),
        _ => Outcome::Done,
    };
    let earlier = Earlier { resource_id, outcome, first_time };
    if resource_id == claim.resource_id { Claimed::Mine(earlier) } else { Claimed::Repeated(earlier) }
}

/// The refusal of a key that named another request before.
#[must_use]
pub fn reused(method: &str, first_time: Timestamp) -> Refusal {
    let format = &time::format_description::well_known::Rfc3339;
    Refusal::new(
        Reason::IdempotencyKeyReused,
        "this idempotency key named another request; use a key of its own for each intent",
    )
    .with("method", method)
    .with("first_seen_time", first_time.format(format).unwrap_or_default())
}

/// The refusal of a request whose twin is still running.
#[must_use]
pub fn in_progress() -> Refusal {
    Refusal::new(
        Reason::IdempotencyInProgress,
        "the same request is still running; repeat it with the same key",
    )
    .retry_after(Duration::from_millis(250))
}

/// Frees keys that this transaction claimed for commands it then refused: only success is stored, but for money.
///
/// # Errors
/// As [`Tx::write`].
pub async fn free(tx: &Tx, claims: &[&Claim]) -> Result<(), DbError> {
    let merchants: Vec<Uuid> = claims.iter().map(|claim| claim.scope.merchant).collect();
    let scopes: Vec<&str> = claims.iter().map(|claim| claim.scope.name).collect();
    let keys: Vec<&[u8]> = claims.iter().map(|claim| claim.key.as_bytes()).collect();
    let resources: Vec<Uuid> = claims.iter().map(|claim| claim.resource_id).collect();
    tx.write(&FREE, &[&merchants, &scopes, &keys, &resources], claims.len()).await
}

/// The final outcome of an OPEN key.
#[derive(Clone, Debug)]
pub struct Finished {
    /// The merchant of the key's scope.
    pub merchant: Uuid,
    /// The scope's name.
    pub scope: String,
    /// The key as it is stored.
    pub key: Vec<u8>,
    /// Refused with this, or done.
    pub refusal: Option<Refusal>,
}

/// Writes the definite outcomes of OPEN keys; they are kept for ever.
///
/// # Errors
/// As [`Tx::write`].
pub async fn finish(tx: &Tx, finished: &[Finished]) -> Result<(), DbError> {
    let merchants: Vec<Uuid> = finished.iter().map(|key| key.merchant).collect();
    let scopes: Vec<&str> = finished.iter().map(|key| key.scope.as_str()).collect();
    let keys: Vec<&[u8]> = finished.iter().map(|key| key.key.as_slice()).collect();
    let refusals: Vec<Option<serde_json::Value>> = finished
        .iter()
        .map(|key| key.refusal.as_ref().and_then(|refusal| serde_json::to_value(refusal).ok()))
        .collect();
    tx.write(&FINISH, &[&merchants, &scopes, &keys, &refusals], finished.len()).await
}

/// Claims that stand for one another inside one batch, by scope and key.
pub(crate) type KeyId = (Scope, IdempotencyKey);

/// The identity of a claim's key.
pub(crate) fn key_id(claim: &Claim) -> KeyId {
    (claim.scope.clone(), claim.key.clone())
}

/// Keys in flight in this process, with what arrived for them meanwhile.
pub(crate) type InFlight<T> = HashMap<KeyId, T>;
