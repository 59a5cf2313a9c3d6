//! The writes of this context: one group commit, whose batches fold all commands that touch a stock row in arrival order.

use std::sync::Arc;

use kernel::{MerchantId, Timestamp};
use platform::db::{DbError, Tx};
use platform::group_commit::{Command, Kind, Verdict};
use platform::idempotency::{self, Claim};
use platform::sql::Sql;

mod adjust_stock;
mod batch;
mod create_reservation;
mod expire_reservation;
mod receive_stock;
mod refusals;
mod release_reservation;

pub use adjust_stock::AdjustStock;
pub use create_reservation::CreateReservation;
pub use expire_reservation::ExpireReservation;
pub use receive_stock::ReceiveStock;
pub use release_reservation::ReleaseReservation;

use crate::domain::reservation::Reservation;
use crate::sku_directory::SkuDirectory;
pub use crate::store::levels::Level;
use crate::store::{levels, reservations};

/// A change of stock that is no part of an order's transaction.
#[derive(Debug)]
pub enum StockCommand {
    /// Goods came in.
    Receive(ReceiveStock),
    /// A count or a correction.
    Adjust(AdjustStock),
    /// A promise without an order.
    Create(CreateReservation),
    /// A promise is given back.
    Release(ReleaseReservation),
    /// A promise's time is over.
    Expire(ExpireReservation),
}

/// What an accepted command answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Changed {
    /// The levels of the command's lines as they stand, in their order.
    Levels(Vec<Level>),
    /// The reservation as it stands.
    Reservation {
        /// The reservation.
        reservation: Reservation,
        /// True when it had already ended.
        no_op: bool,
    },
    /// Whether a reservation was ended because its time was over.
    Expired(bool),
}

impl Command for StockCommand {
    fn merchant(&self) -> MerchantId {
        match self {
            Self::Receive(command) => command.merchant_id,
            Self::Adjust(command) => command.adjustment.key.merchant_id,
            Self::Create(command) => command.merchant_id,
            Self::Release(command) => command.merchant_id,
            Self::Expire(command) => command.merchant_id,
        }
    }

    fn claim(&self) -> Option<&Claim> {
        match self {
            Self::Receive(command) => Some(&command.claim),
            Self::Adjust(command) => Some(&command.claim),
            Self::Create(command) => Some(&command.claim),
            Self::Release(command) => Some(&command.claim),
            Self::Expire(_) => None,
        }
    }

    fn lines(&self) -> usize {
        match self {
            Self::Receive(command) => command.lines.len(),
            Self::Create(command) => command.lines.len(),
            Self::Expire(command) => command.lines,
            // How many lines a released reservation has is not known yet; most have few.
            Self::Adjust(_) | Self::Release(_) => 1,
        }
    }
}

/// The kind of command that [`StockCommand`] is.
pub struct StockChange {
    skus: Arc<dyn SkuDirectory>,
}

impl StockChange {
    /// Asks `skus` what it must know of SKUs.
    #[must_use]
    pub fn new(skus: Arc<dyn SkuDirectory>) -> Self {
        Self { skus }
    }
}

impl Kind for StockChange {
    const NAME: &'static str = "stock_change";
    type Command = StockCommand;
    type Value = Changed;

    fn statements(&self) -> Vec<&'static Sql> {
        let own = [levels::STATEMENTS, reservations::STATEMENTS, &idempotency::STATEMENTS].concat();
        [own, crate::tx::statements(), self.skus.statements()].concat()
    }

    async fn run(
        &self,
        tx: &Tx,
        now: Timestamp,
        batch: &[Arc<StockCommand>],
    ) -> Result<Vec<Verdict<Changed>>, DbError> {
        batch::run(&*self.skus, tx, now, batch).await
    }
}
