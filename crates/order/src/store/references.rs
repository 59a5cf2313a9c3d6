//! Client references: unique per merchant for ever, over all months, so they are claimed in a table of their own.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use kernel::{MerchantId, OrderId, Reason, Refusal};
use platform::db::{DbError, LockClass, Locking, Trouble, Tx};
use platform::sql;
use platform::sql::Sql;
use uuid::Uuid;

use crate::commands::place_order::PlaceOrder;

const CLAIM: Sql = sql!("references/claim_references");
const READ: Sql = sql!("references/read_references");
const FREE: Sql = sql!("references/free_references");

/// The statements of this module.
pub const STATEMENTS: [&Sql; 3] = [&CLAIM, &READ, &FREE];

type Reference = (MerchantId, String, OrderId);

/// What became of a batch's references.
pub struct Claimed {
    ours: HashSet<OrderId>,
    holders: HashMap<(MerchantId, String), OrderId>,
    /// Another transaction holds one of them right now.
    locked: bool,
}

/// What a command's reference allows.
pub enum Judged {
    /// It has none, or it is its own.
    Free,
    /// Another order has it.
    Taken(Refusal),
    /// Not known yet.
    Busy,
}

/// The references that the commands bring, sorted by primary key.
#[must_use]
pub fn of_orders(batch: &[Arc<PlaceOrder>]) -> Vec<Reference> {
    let mut references: Vec<Reference> = batch
        .iter()
        .filter(|command| !command.client_reference.is_empty())
        .map(|command| (command.merchant_id, command.client_reference.clone(), command.order_id))
        .collect();
    // Stable: of two commands with one reference, the one that arrived first comes first.
    references.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    references
}

/// Claims references; of equal ones in a batch the first is inserted, the others find it.
///
/// # Errors
/// As [`Tx::query`].
async fn claim(tx: &Tx, references: Vec<Reference>) -> Result<Claimed, DbError> {
    let mut claimed = Claimed { ours: HashSet::new(), holders: HashMap::new(), locked: false };
    if references.is_empty() {
        return Ok(claimed);
    }
    tx.reach(LockClass::Claims, CLAIM.name)?;
    let merchants: Vec<Uuid> = references.iter().map(|(merchant, ..)| merchant.uuid()).collect();
    let texts: Vec<&str> = references.iter().map(|(_, text, _)| text.as_str()).collect();
    let orders: Vec<Uuid> = references.iter().map(|(.., order)| order.uuid()).collect();
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 3] = [&merchants, &texts, &orders];
    let inserted = if tx.locking() == Locking::Skip {
        tx.attempt(&CLAIM, &params).await
    } else {
        tx.query(&CLAIM, &params).await
    };
    let rows = match inserted {
        Ok(rows) => rows,
        Err(error) if tx.locking() == Locking::Skip && error.trouble() == Trouble::Locked => {
            claimed.locked = true;
            return Ok(claimed);
        }
        Err(error) => return Err(error),
    };
    claimed.ours = rows.iter().map(|row| OrderId::from_uuid(row.get(0))).collect();
    if claimed.ours.len() < references.len() {
        for row in tx.query(&READ, &[&merchants, &texts]).await? {
            let key = (MerchantId::from_uuid(row.get(0)), row.get(1));
            claimed.holders.insert(key, OrderId::from_uuid(row.get(2)));
        }
    }
    Ok(claimed)
}

/// Claims references and runs `rest` in one pipeline behind it; while locked rows are skipped, one after the other, since
/// the claim then uses a savepoint.
///
/// # Errors
/// As [`claim`] and `rest`.
pub async fn claim_and<T>(
    tx: &Tx,
    references: Vec<Reference>,
    rest: impl Future<Output = Result<T, DbError>>,
) -> Result<(Claimed, T), DbError> {
    if tx.locking() == Locking::Skip {
        let claimed = claim(tx, references).await?;
        return Ok((claimed, rest.await?));
    }
    futures::future::try_join(claim(tx, references), rest).await
}

impl Claimed {
    /// True when this transaction inserted the reference of that order.
    #[must_use]
    pub fn is_ours(&self, order: OrderId) -> bool {
        self.ours.contains(&order)
    }

    /// What the command's reference allows.
    #[must_use]
    pub fn judge(&self, command: &PlaceOrder) -> Judged {
        if command.client_reference.is_empty() || self.is_ours(command.order_id) {
            return Judged::Free;
        }
        if self.locked {
            return Judged::Busy;
        }
        match self.holders.get(&(command.merchant_id, command.client_reference.clone())) {
            // Its own, from an earlier run whose COMMIT went through unheard.
            Some(holder) if *holder == command.order_id => Judged::Free,
            // A command of this very batch holds it and may yet be refused: wait for what becomes of it.
            Some(holder) if self.is_ours(*holder) => Judged::Busy,
            Some(holder) => Judged::Taken(taken(&command.client_reference, *holder)),
            // It was freed between the two statements: try again.
            None => Judged::Busy,
        }
    }
}

fn taken(reference: &str, holder: OrderId) -> Refusal {
    Refusal::new(
        Reason::ClientReferenceTaken,
        format!(
            "client reference \"{reference}\" belongs to order {holder}; a client reference is used once"
        ),
    )
    .about("order", holder)
}

/// Frees references that this transaction claimed for commands it then refused.
///
/// # Errors
/// As [`Tx::write`].
pub async fn free(tx: &Tx, references: &[(MerchantId, &str, OrderId)]) -> Result<(), DbError> {
    let merchants: Vec<Uuid> = references.iter().map(|(merchant, ..)| merchant.uuid()).collect();
    let texts: Vec<&str> = references.iter().map(|(_, text, _)| *text).collect();
    let orders: Vec<Uuid> = references.iter().map(|(.., order)| order.uuid()).collect();
    tx.write(&FREE, &[&merchants, &texts, &orders], references.len()).await
}
