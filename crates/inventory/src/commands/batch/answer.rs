//! The end of a batch: everything is written in one go, and what is answered is read behind it.

use std::collections::HashMap;

use kernel::id::ReservationId;
use platform::db::DbError;
use platform::group_commit::{Command, Verdict};
use platform::idempotency::{self, Claim};

use super::{Batch, Stand, ending};
use crate::commands::{Changed, ReleaseReservation, StockCommand};
use crate::domain::reservation::Reservation;
use crate::domain::stock::{Fold, StockKey};
use crate::store::levels::{self, Level};
use crate::store::reservations::{self, Name};
use crate::tx;

/// What stands after the writes.
type Standing = (HashMap<StockKey, Level>, HashMap<Name, Reservation>);

impl Batch<'_> {
    /// Writes what was decided, and answers with everything as it stands then.
    pub(super) async fn write_and_answer(self, fold: &Fold) -> Result<Vec<Verdict<Changed>>, DbError> {
        // Whatever makes the lane commit: with it go reclaimed holds, so their counters must go, too.
        let commits = |stand: &Stand| matches!(stand, Stand::Accepted { .. } | Stand::Earlier(_, true));
        if self.stands.iter().any(commits) {
            // One pipeline, in this order.
            futures::try_join!(
                tx::write(self.tx, self.now, fold),
                reservations::insert(self.tx, &self.created, self.now),
                reservations::end(self.tx, &self.ended, self.now),
                self.free_keys(),
            )?;
        }
        let names = self.answered_reservations();
        let standing = futures::try_join!(
            levels::of_keys(self.tx, self.answered_levels()),
            reservations::read(self.tx, &names)
        )?;
        let verdict = |(place, stand)| self.verdict(place, stand, &standing);
        Ok(self.stands.iter().enumerate().map(verdict).collect())
    }

    /// Frees the keys of commands that were claimed here and then not done: a busy one is run again elsewhere and must not
    /// find its own claim there.
    async fn free_keys(&self) -> Result<(), DbError> {
        let claims: Vec<&Claim> = self
            .commands
            .iter()
            .zip(&self.stands)
            .zip(&self.fresh)
            .filter(|((_, stand), fresh)| **fresh && matches!(stand, Stand::Refused(_) | Stand::Busy))
            .filter_map(|((command, _), _)| command.claim())
            .collect();
        idempotency::free(self.tx, &claims).await
    }

    fn successes(&self) -> impl Iterator<Item = (&StockCommand, &Stand)> {
        let success = |stand: &Stand| matches!(stand, Stand::Accepted { .. } | Stand::Earlier(..));
        let both = self.commands.iter().map(|command| &**command).zip(&self.stands);
        both.filter(move |(_, stand)| success(stand))
    }

    fn answered_levels(&self) -> Vec<StockKey> {
        let keys = |(command, _): (&StockCommand, &Stand)| level_keys(command);
        self.successes().flat_map(keys).collect()
    }

    fn answered_reservations(&self) -> Vec<Name> {
        self.successes().filter_map(|(command, stand)| reservation_name(command, stand)).collect()
    }

    fn verdict(&self, place: usize, stand: &Stand, standing: &Standing) -> Verdict<Changed> {
        let command = &*self.commands[place];
        let answer = self.answer(command, stand, standing);
        match (stand, answer) {
            (Stand::Refused(refusal), _) => Verdict::Refused(refusal.clone()),
            (Stand::Busy | Stand::Open, _) => Verdict::Busy,
            // What was read a moment ago inside this transaction is not there: that cannot be.
            (_, None) => Verdict::Refused(kernel::Refusal::internal()),
            (Stand::Earlier(_, false), Some(value)) => Verdict::Replayed(value),
            // Nothing of it needs a commit.
            (Stand::Accepted { ended: false }, Some(value @ Changed::Expired(_))) => Verdict::Replayed(value),
            (Stand::Earlier(_, true) | Stand::Accepted { .. }, Some(value)) => Verdict::Done(value),
        }
    }

    fn answer(&self, command: &StockCommand, stand: &Stand, standing: &Standing) -> Option<Changed> {
        let (levels, reservations) = standing;
        match command {
            StockCommand::Receive(_) | StockCommand::Adjust(_) => {
                let level = |key: StockKey| levels.get(&key).cloned();
                Some(Changed::Levels(level_keys(command).into_iter().filter_map(level).collect()))
            }
            StockCommand::Create(_) | StockCommand::Release(_) => {
                let reservation = reservations.get(&reservation_name(command, stand)?)?.clone();
                let no_op = matches!(command, StockCommand::Release(_)) && self.no_op(&reservation, stand);
                Some(Changed::Reservation { reservation, no_op })
            }
            StockCommand::Expire(_) => match stand {
                Stand::Accepted { ended } => Some(Changed::Expired(*ended)),
                _ => None,
            },
        }
    }

    fn no_op(&self, reservation: &Reservation, stand: &Stand) -> bool {
        match stand {
            Stand::Earlier(earlier, _) => ReleaseReservation::was_no_op(reservation, earlier.first_time),
            Stand::Accepted { ended: true } => ReleaseReservation::was_no_op(reservation, self.now),
            _ => true,
        }
    }
}

fn level_keys(command: &StockCommand) -> Vec<StockKey> {
    match command {
        StockCommand::Receive(receive) => receive.keys().collect(),
        StockCommand::Adjust(adjust) => vec![adjust.adjustment.key.clone()],
        StockCommand::Create(_) | StockCommand::Release(_) | StockCommand::Expire(_) => Vec::new(),
    }
}

/// The reservation that a command answers with: what it made, what it made before under its key, or what it ended.
fn reservation_name(command: &StockCommand, stand: &Stand) -> Option<Name> {
    match (command, stand) {
        (StockCommand::Create(create), Stand::Earlier(earlier, _)) => {
            Some((create.merchant_id, ReservationId::from_uuid(earlier.resource_id)))
        }
        (StockCommand::Create(create), _) => Some((create.merchant_id, create.reservation_id)),
        (StockCommand::Release(_), _) => ending(command),
        (StockCommand::Receive(_) | StockCommand::Adjust(_) | StockCommand::Expire(_), _) => None,
    }
}
