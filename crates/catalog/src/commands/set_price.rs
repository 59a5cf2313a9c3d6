//! Sets a SKU's price from a moment on.

use kernel::fingerprint::{Builder, Fingerprint};
use kernel::id::EventId;
use kernel::refusal::Violation;
use kernel::{IdempotencyKey, MerchantId, Money, Reason, Refusal, SkuId, Timestamp};
use platform::db::Tx;
use platform::idempotency::{Claim, Scope, Start};

use super::once::{Stopped, Write, Written, once};
use crate::Deps;
use crate::domain::price::{Change, begin};
use crate::store::{prices, skus};

/// The field of a moment that cannot be had.
pub const START: &str = "start_time";
/// What is wrong with a moment that is over.
pub const PAST: &str = "must not be in the past; leave it out for now";
/// The smallest step of time that the database keeps.
const TICK: time::Duration = time::Duration::microseconds(1);

/// The checked request.
#[derive(Clone, Debug)]
pub struct SetPrice {
    /// The merchant that sells the SKU.
    pub merchant_id: MerchantId,
    /// The caller's key.
    pub key: IdempotencyKey,
    /// What is priced.
    pub sku_id: SkuId,
    /// The new unit price.
    pub unit_price: Money,
    /// First moment at which it holds; `None` means now.
    pub start_time: Option<Timestamp>,
}

struct Setting<'a> {
    claim: Claim,
    command: &'a SetPrice,
}

/// Runs the command. The interval that it made begins at `start_time`; without one it is the first of its price that
/// begins at the command's time or later.
///
/// # Errors
/// [`Reason::SkuNotFound`], [`Reason::ValidationFailed`] for a moment that is past or taken,
/// [`Reason::IdempotencyKeyReused`], or the database's.
pub async fn set_price(deps: &Deps, command: &SetPrice) -> Result<Written, Refusal> {
    let fingerprint = Fingerprint::of("SetPrice")
        .bytes(command.sku_id.uuid().as_bytes())
        .text(command.unit_price.currency.code())
        .number(command.unit_price.minor)
        .optional(command.start_time, |builder: Builder, at| {
            builder.bytes(&at.unix_timestamp_nanos().to_be_bytes())
        })
        .finish();
    let claim = Claim {
        scope: Scope::merchant(command.merchant_id),
        key: command.key.clone(),
        fingerprint,
        method: "SetPrice",
        resource_id: EventId::mint(deps.clock.wall()).uuid(),
        start: Start::Done,
    };
    once(deps, &Setting { claim, command }).await
}

impl Write for Setting<'_> {
    fn claim(&self) -> &Claim {
        &self.claim
    }

    async fn write(&self, tx: &Tx, now: Timestamp) -> Result<(), Stopped> {
        let SetPrice { merchant_id, sku_id, unit_price, start_time, .. } = *self.command;
        // Under this lock no other price of the SKU is set, so that the constraint against overlaps has nothing to do.
        if skus::lock(tx, merchant_id, &[sku_id]).await?.is_empty() {
            return Err(Refusal::not_found(Reason::SkuNotFound, "sku", sku_id).into());
        }
        if start_time.is_some_and(|start| start < now) {
            return Err(bad_start(PAST).into());
        }
        let of = (sku_id, unit_price.currency);
        let mut at = start_time.unwrap_or(now);
        loop {
            let around = prices::around(tx, merchant_id, &[of], at).await?;
            match begin(at, unit_price.minor, &around.first().copied().unwrap_or_default()) {
                Change::Stands => return Ok(()),
                Change::Begins { interval, ends } => {
                    let beginning = prices::Beginning { of, interval, ends };
                    return Ok(prices::begin(tx, merchant_id, at, &[beginning]).await?);
                }
                Change::Taken if start_time.is_some() => {
                    return Err(bad_start("is when another price begins; choose another moment").into());
                }
                // Somebody else's price begins at this very microsecond: ours is the later one.
                Change::Taken => at += TICK,
            }
        }
    }
}

fn bad_start(description: &str) -> Refusal {
    let mut refusal = Refusal::new(Reason::ValidationFailed, format!("{START} {description}"));
    refusal.violations.push(Violation { field: START.to_owned(), description: description.to_owned() });
    refusal
}
