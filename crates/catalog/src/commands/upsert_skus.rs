//! Creates SKUs, or updates the attributes of those whose code exists: all of them or none.

use std::collections::HashMap;

use kernel::fingerprint::{Builder, Fingerprint};
use kernel::id::{EventId, ProductId};
use kernel::{IdempotencyKey, MerchantId, Money, Reason, Refusal, SkuId, Timestamp};
use platform::db::{DbError, Tx};
use platform::idempotency::{Claim, Scope, Start};

use super::once::{Stopped, Write, Written, once};
use super::require_merchant;
use crate::Deps;
use crate::store::products;
use crate::store::skus::{self, Details};

mod price;

/// The checked request.
#[derive(Clone, Debug)]
pub struct UpsertSkus {
    /// The merchant that sells them.
    pub merchant_id: MerchantId,
    /// The caller's key.
    pub key: IdempotencyKey,
    /// At most 500, no folded code twice.
    pub skus: Vec<SkuUpsert>,
}

/// One SKU of it.
#[derive(Clone, Debug)]
pub struct SkuUpsert {
    /// The code as given.
    pub code: String,
    /// The code folded.
    pub code_key: String,
    /// What it shall be.
    pub details: Details,
    /// Its price from now on.
    pub unit_price: Option<Money>,
}

struct Upsert<'a> {
    claim: Claim,
    command: &'a UpsertSkus,
    /// The folded codes in order, each with the id that it gets if it is new.
    minted: Vec<(&'a str, SkuId)>,
}

/// Runs the command.
///
/// # Errors
/// [`Reason::MerchantNotFound`], [`Reason::ProductNotFound`], [`Reason::SkuTrackingFixed`],
/// [`Reason::IdempotencyKeyReused`], or the database's.
pub async fn upsert_skus(deps: &Deps, command: &UpsertSkus) -> Result<Written, Refusal> {
    let claim = Claim {
        scope: Scope::merchant(command.merchant_id),
        key: command.key.clone(),
        fingerprint: fingerprint(command),
        method: "UpsertSkus",
        resource_id: EventId::mint(deps.clock.wall()).uuid(),
        start: Start::Done,
    };
    let mut minted: Vec<(&str, SkuId)> =
        command.skus.iter().map(|sku| (sku.code_key.as_str(), SkuId::mint(deps.clock.wall()))).collect();
    minted.sort_unstable();
    once(deps, &Upsert { claim, command, minted }).await
}

fn fingerprint(command: &UpsertSkus) -> Fingerprint {
    let money = |builder: Builder, money: Money| builder.text(money.currency.code()).number(money.minor);
    Fingerprint::of("UpsertSkus")
        .list(command.skus.iter(), |builder, sku| {
            builder
                .text(&sku.code)
                .optional(sku.details.product_id, |builder, id| builder.bytes(id.uuid().as_bytes()))
                .text(&sku.details.display_name)
                .number(i64::from(sku.details.tracks_stock))
                .number(i64::from(sku.details.active))
                .optional(sku.unit_price, money)
        })
        .finish()
}

impl Write for Upsert<'_> {
    fn claim(&self) -> &Claim {
        &self.claim
    }

    async fn write(&self, tx: &Tx, now: Timestamp) -> Result<(), Stopped> {
        let UpsertSkus { merchant_id, skus: wanted, .. } = self.command;
        require_merchant(tx, *merchant_id).await?;
        require_products(tx, *merchant_id, wanted).await?;
        let ids = skus::identify(tx, now, *merchant_id, &self.minted).await?;
        let places: Option<Vec<(SkuId, &SkuUpsert)>> =
            wanted.iter().map(|sku| Some((*ids.get(&sku.code_key)?, sku))).collect();
        let places = places.ok_or(DbError::Changed("a SKU's code"))?;
        let ids: Vec<SkuId> = places.iter().map(|(id, _)| *id).collect();
        let stored = skus::lock(tx, *merchant_id, &ids).await?;
        write_details(tx, now, *merchant_id, &places, &stored).await?;
        Ok(price::from_now_on(tx, now, *merchant_id, &places).await?)
    }
}

async fn require_products(tx: &Tx, merchant_id: MerchantId, wanted: &[SkuUpsert]) -> Result<(), Stopped> {
    let mut products: Vec<ProductId> = wanted.iter().filter_map(|sku| sku.details.product_id).collect();
    products.sort_unstable();
    products.dedup();
    let existing = products::existing(tx, merchant_id, &products).await?;
    match products.iter().find(|id| !existing.contains(id)) {
        Some(missing) => Err(Refusal::not_found(Reason::ProductNotFound, "product", missing).into()),
        None => Ok(()),
    }
}

async fn write_details(
    tx: &Tx,
    now: Timestamp,
    merchant_id: MerchantId,
    wanted: &[(SkuId, &SkuUpsert)],
    stored: &HashMap<SkuId, Details>,
) -> Result<(), Stopped> {
    let (mut new, mut changed) = (Vec::new(), Vec::new());
    for (id, sku) in wanted {
        match stored.get(id) {
            None => new.push((*id, sku.code.as_str(), &sku.details)),
            Some(stored) if stored.tracks_stock != sku.details.tracks_stock => {
                return Err(tracking_fixed(&sku.code, stored.tracks_stock).into());
            }
            Some(stored) if *stored == sku.details => {}
            Some(_) => changed.push((*id, &sku.details)),
        }
    }
    skus::insert_details(tx, now, merchant_id, &new).await?;
    Ok(skus::update_details(tx, now, merchant_id, &changed).await?)
}

fn tracking_fixed(code: &str, tracks_stock: bool) -> Refusal {
    let does = if tracks_stock { "tracks" } else { "does not track" };
    Refusal::new(
        Reason::SkuTrackingFixed,
        format!("SKU \"{code}\" {does} stock, which cannot change once it exists"),
    )
    .about("sku", code)
    .with("tracks_stock", tracks_stock)
}
