//! The middle of a batch: overdue holds are reclaimed, ended ones taken, and the commands folded.

use std::collections::HashMap;

use kernel::MerchantId;
use platform::db::DbError;

use super::{Batch, Stand, StockCommand};
use crate::domain::reservation::State;
use crate::domain::stock::{Ended, Fold, Hold, Need, Owner};
use crate::store::reclaim::ACTOR;
use crate::tx;

/// The holds that the transaction has ended, by their owner.
type Taken = HashMap<(MerchantId, Owner), Vec<Hold>>;

impl Batch<'_> {
    /// A sale never waits for a sweeper: overdue holds of short rows end here.
    pub(super) async fn reclaim(&self, fold: &mut Fold) -> Result<(), DbError> {
        let needs: Vec<Need> = self
            .open()
            .filter_map(|(_, command)| match command {
                StockCommand::Create(create) => Some(create.needs()),
                _ => None,
            })
            .flatten()
            .collect();
        let short = fold.short_keys(&needs);
        tx::reclaim(self.tx, self.now, fold, &short).await?;
        Ok(())
    }

    /// Ends the holds of the reservations that open commands end; what came back is what the counters move by.
    pub(super) async fn take_holds(&self) -> Result<Taken, DbError> {
        let owners: Vec<(MerchantId, Owner)> = self
            .open()
            .filter_map(|(_, command)| self.to_end(command))
            .map(|(reservation, _)| reservation.owner())
            .collect();
        let mut taken: Taken = HashMap::new();
        for hold in tx::take_holds(self.tx, &owners).await? {
            taken.entry((hold.merchant_id, hold.owner)).or_default().push(hold);
        }
        Ok(taken)
    }

    /// Folds the open commands in arrival order; each sees what the one before left.
    pub(super) fn decide(&mut self, fold: &mut Fold, taken: &Taken) -> Result<(), DbError> {
        for (place, command) in self.commands.iter().enumerate() {
            if !matches!(self.stands[place], Stand::Open) {
                continue;
            }
            let verdict = match &**command {
                StockCommand::Receive(receive) => receive.apply(fold)?.map(|()| false),
                StockCommand::Adjust(adjust) => adjust.apply(fold, &self.codes).map(|()| false),
                StockCommand::Create(create) => {
                    create.apply(fold, self.now, &self.codes).map(|reservation| {
                        self.created.push(reservation);
                        false
                    })
                }
                StockCommand::Release(_) | StockCommand::Expire(_) => Ok(self.end(command, fold, taken)?),
            };
            self.stands[place] = match verdict {
                Ok(ended) => Stand::Accepted { ended },
                Err(refusal) => Stand::Refused(refusal),
            };
        }
        Ok(())
    }

    /// Ends the reservation of a command if it is still there to be ended; tells whether it was.
    fn end(&mut self, command: &StockCommand, fold: &mut Fold, taken: &Taken) -> Result<bool, DbError> {
        let Some((reservation, state)) = self.to_end(command) else { return Ok(false) };
        let name = (reservation.merchant_id, reservation.reservation_id);
        let (how, actor) = match (command, state) {
            (StockCommand::Release(release), State::Released) => (Ended::Released, release.actor.as_str()),
            _ => (Ended::Expired, ACTOR),
        };
        for hold in taken.get(&reservation.owner()).into_iter().flatten() {
            fold.release(hold, how, actor)?;
        }
        if let Some(reservation) = self.held.get_mut(&name) {
            reservation.state = state;
            reservation.ended_time = Some(self.now);
        }
        self.ended.push((name, state));
        Ok(true)
    }
}
