//! A kind of command that adds to named counters: small, and with everything a real one has.

use std::collections::BTreeMap;

use kernel::{Fingerprint, IdempotencyKey, Refusal};
use platform::db::{Database, DatabaseConfig, DbError};
use platform::events::{self, Event};
use platform::group_commit::{Command, Kind, Verdict};
use platform::idempotency::{self, Claim, Claimed, Scope, Start};
use platform::sql::Sql;
use uuid::Uuid;

use super::*;

static LOCK: Sql = Sql {
    name: "lock_counters",
    text: "SELECT c.name, c.total FROM counters c WHERE c.name = ANY ($1::text[]) ORDER BY c.name FOR NO KEY UPDATE",
};
static LOCK_FREE: Sql = Sql {
    name: "lock_counters SKIP LOCKED",
    text: "SELECT c.name, c.total FROM counters c WHERE c.name = ANY ($1::text[]) ORDER BY c.name
        FOR NO KEY UPDATE SKIP LOCKED",
};
static ADD: Sql = Sql {
    name: "add_to_counters",
    text: "UPDATE counters c SET total = n.total FROM unnest($1::text[], $2::bigint[]) AS n (name, total)
        WHERE c.name = n.name",
};

/// A key by number.
pub fn key(number: i32) -> String {
    format!("0188bac7-4afa-78aa-bc3b-{number:012}")
}

/// Adds to a counter. Four names are special: `refuse` is refused, `defect` fails in the
/// database, `panic` panics, `event` writes an event.
pub struct Add {
    pub merchant: MerchantId,
    pub name: String,
    pub amount: i64,
    pub lines: usize,
    pub claim: Option<Claim>,
}

impl Add {
    pub fn with_key(mut self, text: &str) -> Self {
        self.claim = Some(Claim {
            scope: Scope::merchant(self.merchant),
            key: IdempotencyKey::parse(text).unwrap(),
            fingerprint: Fingerprint::of("Add").text(&self.name).number(self.amount).finish(),
            method: "Add",
            resource_id: Uuid::new_v4(),
            start: Start::Done,
        });
        self
    }
}

impl Command for Add {
    fn merchant(&self) -> MerchantId {
        self.merchant
    }

    fn claim(&self) -> Option<&Claim> {
        self.claim.as_ref()
    }

    fn lines(&self) -> usize {
        self.lines
    }
}

pub struct Counters;

impl Kind for Counters {
    const NAME: &'static str = "counters";
    type Command = Add;
    type Value = Uuid;

    fn statements(&self) -> Vec<&'static Sql> {
        let mut all = vec![&LOCK, &LOCK_FREE, &ADD];
        all.extend(idempotency::STATEMENTS);
        all.extend(events::STATEMENTS);
        all
    }

    async fn run(&self, tx: &Tx, now: Timestamp, batch: &[Arc<Add>]) -> Result<Vec<Verdict<Uuid>>, DbError> {
        let claims: Vec<&Claim> = batch.iter().filter_map(|add| add.claim.as_ref()).collect();
        let names: Vec<&str> = batch.iter().map(|add| add.name.as_str()).collect();
        let lock = if tx.locking() == Locking::Skip { &LOCK_FREE } else { &LOCK };
        let params: [&(dyn tokio_postgres::types::ToSql + Sync); 1] = [&names];
        let rows = tx.lock(LockClass::Stock, lock, &params);
        let (claimed, rows) = idempotency::claim_and(tx, now, &claims, rows).await?;
        let mut totals: BTreeMap<String, i64> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();

        let mut claimed = claimed.into_iter();
        let (mut verdicts, mut freed, mut written, mut happened) = (vec![], vec![], BTreeMap::new(), vec![]);
        for add in batch {
            assert_ne!(add.name, "panic", "a test wants this panic");
            let claimed = add.claim.as_ref().map_or(Claimed::Fresh, |_| claimed.next().unwrap());
            let id = add.claim.as_ref().map_or(Uuid::nil(), |claim| claim.resource_id);
            let fresh = claimed == Claimed::Fresh;
            let verdict = match claimed {
                Claimed::Fresh if add.name == "refuse" => {
                    Verdict::Refused(Refusal::new(Reason::InsufficientStock, "none"))
                }
                Claimed::Fresh => match totals.get_mut(&add.name) {
                    None => Verdict::Busy,
                    Some(total) => {
                        *total += add.amount;
                        written.insert(add.name.clone(), *total);
                        if add.name == "event" {
                            happened.push(event(add));
                        }
                        Verdict::Done(id)
                    }
                },
                Claimed::Mine(earlier) => Verdict::DoneBefore(earlier.resource_id),
                Claimed::Repeated(earlier) => Verdict::Replayed(earlier.resource_id),
                Claimed::Reused(refusal) => Verdict::Refused(refusal),
                Claimed::Busy => Verdict::Busy,
            };
            if fresh && !matches!(verdict, Verdict::Done(_)) {
                freed.extend(add.claim.as_ref());
            }
            verdicts.push(verdict);
        }
        let names: Vec<&String> = written.keys().collect();
        let values: Vec<i64> = written.values().copied().collect();
        tx.write(&ADD, &[&names, &values], names.len()).await?;
        events::append(tx, now, &happened).await?;
        idempotency::free(tx, &freed).await?;
        Ok(verdicts)
    }
}

fn event(add: &Add) -> Event {
    Event {
        merchant_id: add.merchant,
        subject_id: Uuid::new_v4(),
        seq: 1,
        kind: "Added",
        payload: serde_json::json!({}),
    }
}

/// A database with counters, and the lanes of one process on it.
pub struct Shop {
    pub lanes: GroupCommit<Counters>,
    pub pools: Database,
    pub merchant: MerchantId,
    pub database: TestDatabase,
    limits: Limits,
}

impl Shop {
    pub async fn open() -> Self {
        Self::with_limits(Limits::default()).await
    }

    pub async fn with_limits(limits: Limits) -> Self {
        let database = TestDatabase::new().await;
        let schema = "CREATE TABLE counters (name text PRIMARY KEY, total bigint NOT NULL,
                CONSTRAINT counters_not_negative CHECK (total >= 0), CONSTRAINT counters_defect CHECK (name <> 'defect' OR total = 0));
            INSERT INTO counters SELECT n, 0 FROM unnest('{a,b,refuse,defect,negative,event}'::text[]) n;
            GRANT ALL ON counters TO purser_write";
        database.client().await.batch_execute(schema).await.unwrap();
        let pools = pools(&database);
        let lanes = GroupCommit::start(Counters, pools.clone(), Arc::new(Clock::default()), limits);
        Self { lanes, pools, merchant: MerchantId::mint(Timestamp::UNIX_EPOCH), database, limits }
    }

    /// The lanes of another process on the same database.
    pub fn another_process(&self) -> GroupCommit<Counters> {
        GroupCommit::start(Counters, pools(&self.database), Arc::new(Clock::default()), self.limits)
    }

    pub fn add(&self, name: &str, amount: i64) -> Add {
        Add { merchant: self.merchant, name: name.to_owned(), amount, lines: 1, claim: None }
    }

    pub async fn total(&self, name: &str) -> i64 {
        let client = self.database.client().await;
        client.query_one("SELECT total FROM counters WHERE name = $1", &[&name]).await.unwrap().get(0)
    }

    /// A session that has claimed a key and not committed.
    pub async fn hold_key(&self, text: &str) -> tokio_postgres::Client {
        let client = self.database.client().await;
        client.batch_execute("BEGIN").await.unwrap();
        let key = IdempotencyKey::parse(text).unwrap();
        let claim = "INSERT INTO platform.idempotency (merchant_id, scope, key, fingerprint, fingerprint_version, method,
                resource_id, outcome, created_time)
            VALUES ($1, 'merchant', $2, decode(repeat('00', 32), 'hex'), 1, 'Other', gen_random_uuid(), 'DONE', now())";
        client.execute(claim, &[&self.merchant.uuid(), &key.as_bytes()]).await.unwrap();
        client
    }
}

fn pools(database: &TestDatabase) -> Database {
    let config =
        DatabaseConfig { write_connections: 6, read_connections: 2, ..DatabaseConfig::new(database.url()) };
    let meanings: &[(&str, Reason)] = &[("counters_not_negative", Reason::InsufficientStock)];
    Database::new(&config).unwrap().with_constraints(&[meanings])
}
