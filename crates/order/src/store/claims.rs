//! Texts that are unique per merchant for ever, over all months: client references and tracking numbers. Each has a table of
//! its own beside the monthly ones, and is claimed first.

use std::collections::{BTreeMap, HashMap, HashSet};

use kernel::{MerchantId, OrderId, Reason, Refusal};
use platform::db::{DbError, LockClass, Locking, Trouble, Tx};
use platform::sql;
use platform::sql::Sql;
use tokio_postgres::Row;
use uuid::Uuid;

/// A table of texts that belong to one order each.
pub struct Table {
    claim: Sql,
    read: Sql,
    free: Sql,
    taken: Reason,
    what: &'static str,
}

/// The callers' own numbers of orders.
pub static CLIENT_REFERENCES: Table = Table {
    claim: sql!("claims/claim_references"),
    read: sql!("claims/read_references"),
    free: sql!("claims/free_references"),
    taken: Reason::ClientReferenceTaken,
    what: "client reference",
};

/// The carriers' numbers of parcels. Several parcels of one order may share one.
pub static TRACKING_NUMBERS: Table = Table {
    claim: sql!("claims/claim_tracking"),
    read: sql!("claims/read_tracking"),
    free: sql!("claims/free_tracking"),
    taken: Reason::TrackingNumberTaken,
    what: "tracking number",
};

impl Table {
    /// The statements on this table.
    #[must_use]
    pub const fn statements(&'static self) -> [&'static Sql; 3] {
        [&self.claim, &self.read, &self.free]
    }
}

/// A text of a merchant; sorts as the primary key does.
pub type Text = (MerchantId, String);

/// What became of the texts of a batch.
pub struct Claimed {
    table: &'static Table,
    /// Inserted by this transaction, for the order that came first with each.
    ours: HashMap<Text, OrderId>,
    /// Claimed by others before.
    theirs: HashMap<Text, OrderId>,
    /// Another transaction holds one of them right now.
    locked: bool,
}

/// What a command's text allows.
pub enum Judged {
    /// It has none, or it belongs to its order.
    Free,
    /// It belongs to another order.
    Taken(Refusal),
    /// Not known yet.
    Busy,
}

/// Claims texts and runs `rest` in one pipeline behind it; while locked rows are skipped, one after the other, since the claim
/// then uses a savepoint. A text that comes twice goes to the first.
///
/// # Errors
/// As [`Tx::query`] and `rest`.
pub async fn claim_and<T>(
    tx: &Tx,
    table: &'static Table,
    wanted: impl Iterator<Item = (Text, OrderId)>,
    rest: impl Future<Output = Result<T, DbError>>,
) -> Result<(Claimed, T), DbError> {
    let mut first = BTreeMap::new();
    for (text, order) in wanted {
        first.entry(text).or_insert(order);
    }
    if tx.locking() == Locking::Skip {
        let claimed = claim(tx, table, &first).await?;
        return Ok((claimed, rest.await?));
    }
    futures::future::try_join(claim(tx, table, &first), rest).await
}

async fn claim(tx: &Tx, table: &'static Table, wanted: &BTreeMap<Text, OrderId>) -> Result<Claimed, DbError> {
    let mut claimed = Claimed { table, ours: HashMap::new(), theirs: HashMap::new(), locked: false };
    if wanted.is_empty() {
        return Ok(claimed);
    }
    tx.reach(LockClass::Claims, table.claim.name)?;
    let (merchants, texts) = columns(wanted.keys());
    let orders: Vec<Uuid> = wanted.values().map(|order| order.uuid()).collect();
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 3] = [&merchants, &texts, &orders];
    let inserted = match tx.locking() {
        Locking::Skip => tx.attempt(&table.claim, &params).await,
        Locking::Wait | Locking::WaitLong => tx.query(&table.claim, &params).await,
    };
    match inserted {
        Ok(rows) => claimed.ours = rows.iter().map(owned).collect(),
        Err(error) if tx.locking() == Locking::Skip && error.trouble() == Trouble::Locked => {
            claimed.locked = true;
            return Ok(claimed);
        }
        Err(error) => return Err(error),
    }
    if claimed.ours.len() < wanted.len() {
        // A statement of its own: the one that claimed could not see them.
        claimed.theirs = tx.query(&table.read, &[&merchants, &texts]).await?.iter().map(owned).collect();
    }
    Ok(claimed)
}

fn columns<'a>(texts: impl Iterator<Item = &'a Text>) -> (Vec<Uuid>, Vec<&'a str>) {
    texts.map(|(merchant, text)| (merchant.uuid(), text.as_str())).unzip()
}

fn owned(row: &Row) -> (Text, OrderId) {
    ((MerchantId::from_uuid(row.get(0)), row.get(1)), OrderId::from_uuid(row.get(2)))
}

impl Claimed {
    /// What a command on `order` may do with its text.
    #[must_use]
    pub fn judge(&self, text: Option<&Text>, order: OrderId) -> Judged {
        let Some(text) = text else { return Judged::Free };
        match (self.ours.get(text), self.theirs.get(text)) {
            _ if self.locked => Judged::Busy,
            // Also its own from an earlier run, whose COMMIT went through unheard.
            (Some(holder), _) | (None, Some(holder)) if *holder == order => Judged::Free,
            // A command of this very batch holds it and may yet be refused: wait for what becomes of it. Or it was freed
            // between the two statements: try again.
            (Some(_), _) | (None, None) => Judged::Busy,
            (None, Some(holder)) => Judged::Taken(self.taken(&text.1, *holder)),
        }
    }

    fn taken(&self, text: &str, holder: OrderId) -> Refusal {
        let what = self.table.what;
        let message = format!("{what} \"{text}\" belongs to order {holder}; a {what} is used for one order");
        Refusal::new(self.table.taken, message).about("order", holder)
    }

    /// Frees what this transaction claimed and no accepted command keeps.
    ///
    /// # Errors
    /// As [`Tx::write`].
    pub async fn free_but(&self, tx: &Tx, kept: &HashSet<Text>) -> Result<(), DbError> {
        let (merchants, texts) = columns(self.ours.keys().filter(|text| !kept.contains(*text)));
        tx.write(&self.table.free, &[&merchants, &texts], texts.len()).await
    }
}
