//! One batch, top to bottom: claim keys, ask for SKUs, lock reservations and then stock, fold the commands in arrival order,
//! write what the fold decided, and read back what is answered.

use std::collections::HashMap;
use std::sync::Arc;

use kernel::{MerchantId, Refusal, SkuId, Timestamp};
use platform::db::{DbError, Tx};
use platform::group_commit::{Command, Verdict};
use platform::idempotency::{self, Claim, Claimed, Earlier};

use super::refusals::Codes;
use super::{Changed, ExpireReservation, ReleaseReservation, StockCommand};
use crate::domain::reservation::{Reservation, State};
use crate::domain::stock::{Fold, StockKey};
use crate::sku_directory::SkuDirectory;
use crate::store::reservations::Name;
use crate::store::{levels, reservations};
use crate::tx;

mod admit;
mod answer;
mod decide;

use admit::{admit, ending, skus_of, stock_keys};

/// Where a command stands on its way through the batch.
enum Stand {
    /// Nothing speaks against it so far; its key, if it has one, is claimed.
    Open,
    /// Its key was used before; true when by this very request.
    Earlier(Earlier, bool),
    /// Accepted; for the end of a reservation, whether it was one.
    Accepted { ended: bool },
    /// Refused.
    Refused(Refusal),
    /// A key or row of it is locked elsewhere.
    Busy,
}

/// A batch between its statements.
struct Batch<'a> {
    tx: &'a Tx,
    now: Timestamp,
    commands: &'a [Arc<StockCommand>],
    stands: Vec<Stand>,
    /// Whose key this transaction has claimed.
    fresh: Vec<bool>,
    codes: Codes,
    held: HashMap<Name, Reservation>,
    created: Vec<Reservation>,
    ended: Vec<(Name, State)>,
}

pub(super) async fn run(
    skus: &dyn SkuDirectory,
    tx: &Tx,
    now: Timestamp,
    commands: &[Arc<StockCommand>],
) -> Result<Vec<Verdict<Changed>>, DbError> {
    let mut batch = Batch {
        tx,
        now,
        commands,
        stands: commands.iter().map(|_| Stand::Open).collect(),
        fresh: vec![false; commands.len()],
        codes: Codes::new(),
        held: HashMap::new(),
        created: Vec::new(),
        ended: Vec::new(),
    };
    batch.claim().await?;
    batch.look_up(skus).await?;
    let mut fold = batch.lock().await?;
    batch.reclaim(&mut fold).await?;
    let taken = batch.take_holds().await?;
    batch.decide(&mut fold, &taken)?;
    batch.write_and_answer(&fold).await
}

impl Batch<'_> {
    /// The commands that nothing speaks against so far, with their places.
    fn open(&self) -> impl Iterator<Item = (usize, &StockCommand)> {
        let open = |place: &usize| matches!(self.stands[*place], Stand::Open);
        (0..self.commands.len()).filter(open).map(|place| (place, &*self.commands[place]))
    }

    async fn claim(&mut self) -> Result<(), DbError> {
        let keyed: Vec<(usize, &Claim)> =
            self.open().filter_map(|(place, command)| command.claim().map(|claim| (place, claim))).collect();
        let claims: Vec<&Claim> = keyed.iter().map(|(_, claim)| *claim).collect();
        let claimed = idempotency::claim(self.tx, self.now, &claims).await?;
        let places: Vec<usize> = keyed.iter().map(|(place, _)| *place).collect();
        for (place, claimed) in places.into_iter().zip(claimed) {
            self.fresh[place] = claimed == Claimed::Fresh;
            self.stands[place] = match claimed {
                Claimed::Fresh => Stand::Open,
                Claimed::Mine(earlier) => Stand::Earlier(earlier, true),
                Claimed::Repeated(earlier) => Stand::Earlier(earlier, false),
                Claimed::Reused(refusal) => Stand::Refused(refusal),
                Claimed::Busy => Stand::Busy,
            };
        }
        Ok(())
    }

    /// Asks for the SKUs of the open commands, and locks the reservations that they end.
    async fn look_up(&mut self, skus: &dyn SkuDirectory) -> Result<(), DbError> {
        let mut asked: Vec<(MerchantId, SkuId)> =
            self.open().flat_map(|(_, command)| skus_of(command)).collect();
        asked.sort_unstable();
        asked.dedup();
        let names: Vec<Name> = self.open().filter_map(|(_, command)| ending(command)).collect();
        let directory =
            async { if asked.is_empty() { Ok(Vec::new()) } else { skus.tracked(self.tx, &asked).await } };
        let (found, locked) = futures::try_join!(directory, reservations::lock(self.tx, &names))?;
        let known = asked.into_iter().zip(found).filter_map(|(sku, info)| info.map(|info| (sku, info)));
        self.codes = known.collect();
        for place in 0..self.commands.len() {
            if matches!(self.stands[place], Stand::Open)
                && let Err(stand) = admit(&self.commands[place], &self.codes, &locked)
            {
                self.stands[place] = stand;
            }
        }
        self.held = locked.reservations;
        Ok(())
    }

    /// Locks the stock rows of the open commands; those of locations that receive for the first time are made before.
    async fn lock(&mut self) -> Result<Fold, DbError> {
        let mut new = Vec::new();
        let mut all = Vec::new();
        for (_, command) in self.open() {
            let keys = self.keys_of(command);
            if matches!(command, StockCommand::Receive(_)) {
                new.extend(keys.iter().cloned());
            }
            all.extend(keys);
        }
        let made = levels::insert_missing(self.tx, self.now, new);
        let ((), fold) = futures::try_join!(made, tx::lock(self.tx, all))?;
        for place in 0..self.commands.len() {
            let busy = |key: &StockKey| fold.is_busy(key);
            if matches!(self.stands[place], Stand::Open)
                && self.keys_of(&self.commands[place]).iter().any(busy)
            {
                self.stands[place] = Stand::Busy;
            }
        }
        Ok(fold)
    }

    fn keys_of(&self, command: &StockCommand) -> Vec<StockKey> {
        match command {
            StockCommand::Receive(receive) => receive.keys().collect(),
            StockCommand::Adjust(adjust) => vec![adjust.adjustment.key.clone()],
            StockCommand::Create(create) => create.keys().collect(),
            StockCommand::Release(_) | StockCommand::Expire(_) => {
                self.to_end(command).map(|(reservation, _)| stock_keys(reservation)).unwrap_or_default()
            }
        }
    }

    /// The reservation that a command ends as things stand, and how; `None` when it has nothing to end.
    fn to_end(&self, command: &StockCommand) -> Option<(&Reservation, State)> {
        let reservation = self.held.get(&ending(command)?)?;
        let state = match command {
            StockCommand::Release(_) => ReleaseReservation::ends(reservation, self.now),
            StockCommand::Expire(_) => ExpireReservation::ends(reservation, self.now),
            _ => None,
        };
        state.map(|state| (reservation, state))
    }
}
