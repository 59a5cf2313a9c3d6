//! What speaks against a command before any stock is looked at, and what it is about.

use kernel::{MerchantId, SkuId};
use platform::group_commit::Command;

use super::{Stand, StockCommand};
use crate::commands::refusals::{self, Codes};
use crate::domain::reservation::Reservation;
use crate::domain::stock::StockKey;
use crate::store::reservations::{Locked, Name};

/// Checks a command against what is known of its SKUs and reservations.
pub(super) fn admit(command: &StockCommand, codes: &Codes, locked: &Locked) -> Result<(), Stand> {
    if let Some(name) = ending(command)
        && !locked.reservations.contains_key(&name)
    {
        if locked.busy.contains(&name) {
            return Err(Stand::Busy);
        }
        return Err(Stand::Refused(refusals::reservation_not_found(name.1)));
    }
    let merchant = command.merchant();
    let skus: Vec<SkuId> = skus_of(command).into_iter().map(|(_, sku)| sku).collect();
    refusals::unknown_skus(codes, merchant, &skus).map_err(Stand::Refused)?;
    if matches!(command, StockCommand::Adjust(_)) {
        return Ok(());
    }
    refusals::untracked_skus(codes, merchant, &skus).map_err(Stand::Refused)
}

pub(super) fn skus_of(command: &StockCommand) -> Vec<(MerchantId, SkuId)> {
    let (merchant, lines) = match command {
        StockCommand::Receive(receive) => (receive.merchant_id, &receive.lines),
        StockCommand::Create(create) => (create.merchant_id, &create.lines),
        StockCommand::Adjust(adjust) => {
            return vec![(adjust.adjustment.key.merchant_id, adjust.adjustment.key.sku_id)];
        }
        StockCommand::Release(_) | StockCommand::Expire(_) => return Vec::new(),
    };
    lines.iter().map(|line| (merchant, line.sku_id)).collect()
}

/// The reservation that a command is to end.
pub(super) fn ending(command: &StockCommand) -> Option<Name> {
    match command {
        StockCommand::Release(release) => Some(release.name()),
        StockCommand::Expire(expire) => Some(expire.name()),
        StockCommand::Receive(_) | StockCommand::Adjust(_) | StockCommand::Create(_) => None,
    }
}

pub(super) fn stock_keys(reservation: &Reservation) -> Vec<StockKey> {
    reservation.lines.iter().map(|line| line.key(reservation.merchant_id)).collect()
}
