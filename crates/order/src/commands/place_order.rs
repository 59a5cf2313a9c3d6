//! `PlaceOrder`: idempotency key, price and name snapshot, stock reservation, order, lines, address, history, pending
//! payment and event, in ONE transaction for a whole batch of orders.
//!
//! Trip 1 claims keys and client references, reads prices and locks the stock rows. In memory it is decided who gets what,
//! in arrival order. Trip 2 writes everything. An order that cannot be filled is refused alone, and leaves nothing behind.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures::future;
use inventory::tx::{Fold, Location, StockKey};
use kernel::id::PaymentId;
use kernel::{Currency, MerchantId, Money, OrderId, SkuId, Timestamp};
use platform::db::{DbError, Tx};
use platform::events;
use platform::group_commit::{Command, Kind, Verdict};
use platform::idempotency::{self, Claim, Claimed};
use platform::sql::Sql;

use crate::domain::model::{Address, Order};
use crate::domain::pricing::{Stated, Wanted};
use crate::store::claims::{self, CLIENT_REFERENCES, Text};
use crate::store::place_order::{self as store, NewOrder};

mod decide;

use decide::{Decision, Found, decide, short_keys, verdict};

pub(crate) use decide::shortage;

/// The hold of an order that names none.
pub const HOLD_DEFAULT: Duration = Duration::from_secs(15 * 60);

/// The longest hold.
pub const HOLD_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// A validated request for an order.
#[derive(Clone, Debug)]
pub struct PlaceOrder {
    /// The claim of its key; its resource is the order's id.
    pub claim: Claim,
    /// The id that the order will have.
    pub order_id: OrderId,
    /// The id that its payment will have, if anything is to be paid.
    pub payment_id: PaymentId,
    /// The merchant.
    pub merchant_id: MerchantId,
    /// The caller's reference of the customer; empty for a guest.
    pub customer_id: String,
    /// The caller's own number; empty when none.
    pub client_reference: String,
    /// The caller's own time of the order.
    pub ordered_time: Option<Timestamp>,
    /// The currency of everything.
    pub currency: Currency,
    /// What is wanted.
    pub lines: Vec<Wanted>,
    /// Where it goes.
    pub address: Option<Address>,
    /// Amounts that the caller states.
    pub stated: Stated,
    /// How long stock is held for payment.
    pub hold: Duration,
    /// Who asks.
    pub actor: String,
}

impl PlaceOrder {
    /// The caller's own number as it is claimed, if it gave one.
    fn reference(&self) -> Option<Text> {
        (!self.client_reference.is_empty()).then(|| (self.merchant_id, self.client_reference.clone()))
    }
}

impl Command for PlaceOrder {
    fn merchant(&self) -> MerchantId {
        self.merchant_id
    }

    fn claim(&self) -> Option<&Claim> {
        Some(&self.claim)
    }

    fn lines(&self) -> usize {
        self.lines.len()
    }
}

/// What a placed order answers.
#[derive(Clone, Debug)]
pub enum Placed {
    /// Placed now, as it was written.
    Now {
        /// The order.
        order: Arc<Order>,
        /// Its payment; none when there is nothing to pay.
        payment_id: Option<PaymentId>,
    },
    /// Placed before, under the same key: to be read as it stands.
    Before(OrderId),
}

/// The group-commit kind.
#[derive(Clone, Debug)]
pub struct PlaceOrders {
    /// Name of the provider that pending payments are opened with.
    pub provider: &'static str,
}

impl Kind for PlaceOrders {
    const NAME: &'static str = "place_order";
    type Command = PlaceOrder;
    type Value = Placed;

    fn statements(&self) -> Vec<&'static Sql> {
        let mut all = store::STATEMENTS.to_vec();
        all.extend(CLIENT_REFERENCES.statements());
        all.extend(idempotency::STATEMENTS);
        all.extend(events::STATEMENTS);
        all.extend(catalog::tx::statements());
        all.extend(inventory::tx::statements());
        all.extend(payment::tx::statements());
        all
    }

    async fn run(
        &self,
        tx: &Tx,
        now: Timestamp,
        batch: &[Arc<PlaceOrder>],
    ) -> Result<Vec<Verdict<Placed>>, DbError> {
        let (found, mut locked) = self.trip_one(tx, now, batch).await?;

        let mut reclaimed = HashSet::new();
        let (fold, decisions) = loop {
            let mut fold = locked.clone();
            let decisions = decide(&found, &mut fold, batch, now);
            // Overdue holds of what is short are taken back, once of each row; then everything is decided anew.
            let mut short = short_keys(&decisions);
            short.retain(|key| reclaimed.insert(key.clone()));
            if short.is_empty() || inventory::tx::reclaim(tx, now, &mut locked, &short).await? == 0 {
                break (fold, decisions);
            }
        };
        if decisions.iter().any(|decision| matches!(decision, Decision::Accepted(_))) {
            self.trip_two(tx, now, batch, &found, &decisions, &fold).await?;
        }
        Ok(decisions.into_iter().map(verdict).collect())
    }
}

impl PlaceOrders {
    async fn trip_one(
        &self,
        tx: &Tx,
        now: Timestamp,
        batch: &[Arc<PlaceOrder>],
    ) -> Result<(Found, Fold), DbError> {
        let claims: Vec<&Claim> = batch.iter().map(|command| &command.claim).collect();
        let wanted = distinct(batch.iter().flat_map(|command| {
            command.lines.iter().map(|line| (command.merchant_id, line.sku_id, command.currency))
        }));
        let merchants = distinct(batch.iter().map(|command| command.merchant_id));
        let keys: Vec<StockKey> = batch
            .iter()
            .flat_map(|command| {
                command.lines.iter().map(|line| stock_key(command.merchant_id, line.sku_id, &line.location))
            })
            .collect();

        // In this order on the wire: keys, other claims, plain reads, stock rows last, to hold them for the shortest time.
        let references = batch.iter().filter_map(|command| Some((command.reference()?, command.order_id)));
        let referring = claims::claim_and(
            tx,
            &CLIENT_REFERENCES,
            references,
            future::try_join3(
                catalog::tx::snapshot(tx, now, &wanted),
                catalog::tx::existing_merchants(tx, &merchants),
                inventory::tx::lock(tx, keys),
            ),
        );
        let (claimed, (references, (snapshots, merchants, locked))) =
            idempotency::claim_and(tx, now, &claims, referring).await?;
        let snapshots =
            wanted.into_iter().zip(snapshots).filter_map(|(key, found)| Some((key, found?))).collect();
        Ok((Found { claimed, references, snapshots, merchants }, locked))
    }

    async fn trip_two(
        &self,
        tx: &Tx,
        now: Timestamp,
        batch: &[Arc<PlaceOrder>],
        found: &Found,
        decisions: &[Decision],
        fold: &Fold,
    ) -> Result<(), DbError> {
        let mut accepted: Vec<&NewOrder> = Vec::new();
        let mut freed_keys: Vec<&Claim> = Vec::new();
        let mut kept_references = HashSet::new();
        for ((command, decision), claimed) in batch.iter().zip(decisions).zip(&found.claimed) {
            match decision {
                Decision::Accepted(order) => {
                    accepted.push(order);
                    kept_references.extend(command.reference());
                }
                _ if *claimed == Claimed::Fresh => freed_keys.push(&command.claim),
                _ => {}
            }
        }
        let payments: Vec<payment::tx::NewPayment> = accepted
            .iter()
            .filter_map(|new| {
                Some(payment::tx::NewPayment {
                    payment_id: new.payment_id?,
                    merchant_id: new.order.merchant_id,
                    order_id: new.order.order_id,
                    amount: Money::new(new.order.currency, new.order.totals.total),
                    provider: self.provider.into(),
                })
            })
            .collect();
        let events = store::events(&accepted);
        let stock = future::try_join(
            inventory::tx::write(tx, now, fold),
            payment::tx::open_pending(tx, now, &payments),
        );
        let orders = store::insert(tx, now, &accepted);
        let frees = future::try_join(
            idempotency::free(tx, &freed_keys),
            found.references.free_but(tx, &kept_references),
        );
        future::try_join4(stock, orders, events::append(tx, now, &events), frees).await?;
        Ok(())
    }
}

fn stock_key(merchant_id: MerchantId, sku_id: SkuId, location: &str) -> StockKey {
    StockKey { sku_id, location: Location::from(location), merchant_id }
}

fn distinct<T: Clone + Eq + std::hash::Hash>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = HashSet::new();
    items.filter(|item| seen.insert(item.clone())).collect()
}
