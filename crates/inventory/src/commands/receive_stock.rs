//! `ReceiveStock`: goods came in. All lines or none; a location exists once stock was received there.

use kernel::id::EventId;
use kernel::{Fingerprint, IdempotencyKey, MerchantId, Refusal, Timestamp};
use platform::idempotency::{Claim, Scope, Start};

use super::refusals;
use crate::domain::reservation::Line;
use crate::domain::stock::{Fold, Need, Receiving, StockKey, Torn};

/// A validated receipt.
#[derive(Debug)]
pub struct ReceiveStock {
    /// The tenant.
    pub merchant_id: MerchantId,
    /// What came in; no SKU and location twice.
    pub lines: Vec<Line>,
    /// Reason or document; may be empty.
    pub reason: String,
    /// Who caused it.
    pub actor: String,
    pub(super) claim: Claim,
}

impl ReceiveStock {
    /// A receipt under `key`; `wall` is the accepting process's clock.
    #[must_use]
    pub fn new(
        merchant_id: MerchantId,
        key: IdempotencyKey,
        lines: Vec<Line>,
        reason: String,
        actor: String,
        wall: Timestamp,
    ) -> Self {
        let fingerprint = Fingerprint::of("ReceiveStock")
            .list(lines.iter(), |builder, line| {
                builder
                    .bytes(line.sku_id.uuid().as_bytes())
                    .text(line.location.as_str())
                    .number(line.quantity)
            })
            .text(&reason)
            .finish();
        let claim = Claim {
            scope: Scope::merchant(merchant_id),
            key,
            fingerprint,
            method: "ReceiveStock",
            resource_id: EventId::mint(wall).uuid(),
            start: Start::Done,
        };
        Self { merchant_id, lines, reason, actor, claim }
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = StockKey> {
        self.lines.iter().map(|line| line.key(self.merchant_id))
    }

    pub(super) fn apply(&self, fold: &mut Fold) -> Result<Result<(), Refusal>, Torn> {
        let lines: Vec<Need> = self.lines.iter().map(|line| line.need(self.merchant_id)).collect();
        match fold.receive(&lines, &self.reason, &self.actor) {
            Ok(()) => Ok(Ok(())),
            Err(Receiving::Torn(torn)) => Err(torn),
            Err(Receiving::TooMuch(key)) => {
                let at = lines.iter().position(|line| line.key == key).unwrap_or_default();
                Ok(Err(refusals::too_much(&format!("lines[{at}].quantity"))))
            }
        }
    }
}
