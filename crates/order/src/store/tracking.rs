//! Tracking numbers: unique per merchant for ever, over all months, so they are claimed in a table of their own.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use kernel::{MerchantId, OrderId, Reason, Refusal};
use platform::db::{DbError, LockClass, Locking, Trouble, Tx};
use platform::sql;
use platform::sql::Sql;
use uuid::Uuid;

use crate::commands::transition::Transition;
use crate::domain::fulfilment::Action;

const CLAIM: Sql = sql!("tracking/claim_tracking");
const READ: Sql = sql!("tracking/read_tracking");
const FREE: Sql = sql!("tracking/free_tracking");

/// The statements of this module.
pub const STATEMENTS: [&Sql; 3] = [&CLAIM, &READ, &FREE];

type Number = (MerchantId, String);

/// What became of a batch's tracking numbers.
pub struct Claimed {
    /// Numbers that this transaction inserted, with the order of the command that came first with each.
    ours: HashMap<Number, OrderId>,
    holders: HashMap<Number, OrderId>,
    /// Another transaction holds one of them right now.
    locked: bool,
}

/// What a command's tracking number allows.
pub enum Judged {
    /// It has none, or it is its own.
    Free,
    /// Another shipment has it.
    Taken(Refusal),
    /// Not known yet.
    Busy,
}

fn number(command: &Transition) -> Option<Number> {
    match &command.action {
        Action::Ship { tracking_number, .. } if !tracking_number.is_empty() => {
            Some((command.merchant_id, tracking_number.clone()))
        }
        _ => None,
    }
}

/// The numbers that the commands bring, sorted by primary key, each once with the order that came first with it.
#[must_use]
pub fn of_commands(batch: &[Arc<Transition>]) -> Vec<(Number, OrderId)> {
    let mut seen = HashSet::new();
    let mut numbers: Vec<(Number, OrderId)> = batch
        .iter()
        .filter_map(|command| Some((number(command)?, command.order_id)))
        .filter(|(number, _)| seen.insert(number.clone()))
        .collect();
    numbers.sort();
    numbers
}

/// Claims numbers and runs `rest` in one pipeline behind it; while locked rows are skipped, one after the other, since the
/// claim then uses a savepoint.
///
/// # Errors
/// As [`Tx::query`] and `rest`.
pub async fn claim_and<T>(
    tx: &Tx,
    numbers: Vec<(Number, OrderId)>,
    rest: impl Future<Output = Result<T, DbError>>,
) -> Result<(Claimed, T), DbError> {
    if tx.locking() == Locking::Skip {
        let claimed = claim(tx, numbers).await?;
        return Ok((claimed, rest.await?));
    }
    futures::future::try_join(claim(tx, numbers), rest).await
}

async fn claim(tx: &Tx, numbers: Vec<(Number, OrderId)>) -> Result<Claimed, DbError> {
    let mut claimed = Claimed { ours: HashMap::new(), holders: HashMap::new(), locked: false };
    if numbers.is_empty() {
        return Ok(claimed);
    }
    tx.reach(LockClass::Claims, CLAIM.name)?;
    let merchants: Vec<Uuid> = numbers.iter().map(|((merchant, _), _)| merchant.uuid()).collect();
    let texts: Vec<&str> = numbers.iter().map(|((_, text), _)| text.as_str()).collect();
    let orders: Vec<Uuid> = numbers.iter().map(|(_, order)| order.uuid()).collect();
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
    let pair = |row: &tokio_postgres::Row| {
        ((MerchantId::from_uuid(row.get(0)), row.get(1)), OrderId::from_uuid(row.get(2)))
    };
    claimed.ours = rows.iter().map(pair).collect();
    if claimed.ours.len() < numbers.len() {
        claimed.holders = tx.query(&READ, &[&merchants, &texts]).await?.iter().map(pair).collect();
    }
    Ok(claimed)
}

impl Claimed {
    /// What the command's number allows. A number belongs to one order: a further parcel of the same order may share it.
    #[must_use]
    pub fn judge(&self, command: &Transition) -> Judged {
        let Some(number) = number(command) else {
            return Judged::Free;
        };
        if self.locked {
            return Judged::Busy;
        }
        match (self.ours.get(&number), self.holders.get(&number)) {
            (Some(order), _) | (None, Some(order)) if *order == command.order_id => Judged::Free,
            // A command of this very batch holds it and may yet be refused: wait for what becomes of it.
            (Some(_), _) | (None, None) => Judged::Busy,
            (None, Some(order)) => Judged::Taken(taken(&number.1, *order)),
        }
    }
}

fn taken(number: &str, holder: OrderId) -> Refusal {
    Refusal::new(
        Reason::TrackingNumberTaken,
        format!(
            "tracking number \"{number}\" belongs to order {holder}; a tracking number is used for one order"
        ),
    )
    .about("order", holder)
}

/// Frees numbers that this transaction claimed and no accepted command uses.
///
/// # Errors
/// As [`Tx::write`].
pub async fn free(
    tx: &Tx,
    claimed: &Claimed,
    unused: &[&Transition],
    used: &[&Transition],
) -> Result<(), DbError> {
    let kept: HashSet<Number> = used.iter().filter_map(|command| number(command)).collect();
    let freed: HashSet<Number> = unused
        .iter()
        .filter_map(|command| number(command))
        .filter(|number| claimed.ours.contains_key(number) && !kept.contains(number))
        .collect();
    let freed: Vec<Number> = freed.into_iter().collect();
    let merchants: Vec<Uuid> = freed.iter().map(|(merchant, _)| merchant.uuid()).collect();
    let texts: Vec<&str> = freed.iter().map(|(_, text)| text.as_str()).collect();
    tx.write(&FREE, &[&merchants, &texts], freed.len()).await
}
