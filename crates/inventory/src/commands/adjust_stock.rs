//! `AdjustStock`: corrects a counter after a count, a loss or a find.

use kernel::fingerprint::Builder;
use kernel::id::EventId;
use kernel::{Fingerprint, IdempotencyKey, Refusal, Timestamp};
use platform::idempotency::{Claim, Scope, Start};

use super::refusals::{self, Codes};
use crate::domain::stock::{Adjusting, Adjustment, Fold};

/// A validated correction.
#[derive(Debug)]
pub struct AdjustStock {
    /// The row, and what is to change.
    pub adjustment: Adjustment,
    /// Why.
    pub reason: String,
    /// Who caused it.
    pub actor: String,
    pub(super) claim: Claim,
}

impl AdjustStock {
    /// A correction under `key`; `wall` is the accepting process's clock.
    #[must_use]
    pub fn new(
        key: IdempotencyKey,
        adjustment: Adjustment,
        reason: String,
        actor: String,
        wall: Timestamp,
    ) -> Self {
        let stock = &adjustment.key;
        let fingerprint = Fingerprint::of("AdjustStock")
            .bytes(stock.sku_id.uuid().as_bytes())
            .text(stock.location.as_str())
            .number(adjustment.on_hand_delta)
            .optional(adjustment.safety, Builder::number)
            .text(&reason)
            .number(i64::from(adjustment.force))
            .finish();
        let claim = Claim {
            scope: Scope::merchant(stock.merchant_id),
            key,
            fingerprint,
            method: "AdjustStock",
            resource_id: EventId::mint(wall).uuid(),
            start: Start::Done,
        };
        Self { adjustment, reason, actor, claim }
    }

    pub(super) fn apply(&self, fold: &mut Fold, codes: &Codes) -> Result<(), Refusal> {
        fold.adjust(&self.adjustment, &self.reason, &self.actor).map_err(|error| match error {
            Adjusting::Missing => refusals::stock_not_found(&self.adjustment.key),
            Adjusting::Short(short) => refusals::insufficient(&[short], codes),
            Adjusting::TooMuch => refusals::too_much("on_hand_delta"),
        })
    }
}
