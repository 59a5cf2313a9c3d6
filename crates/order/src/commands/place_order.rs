//! `PlaceOrder`: idempotency key, price and name snapshot, stock reservation, order, lines, address, history, pending
//! payment and event, in ONE transaction for a whole batch of orders.
//!
//! Trip 1 claims keys and client references, reads prices and locks the stock rows. In memory it is decided who gets what,
//! in arrival order. Trip 2 writes everything. An order that cannot be filled is refused alone, and leaves nothing behind.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use catalog::tx::SkuSnapshot;
use futures::future;
use inventory::tx::{Fold, Location, Need, Owner, Short, StockKey};
use kernel::id::PaymentId;
use kernel::refusal::{LISTED_MAX, ShortLine};
use kernel::{Currency, MerchantId, Money, OrderId, Reason, Refusal, SkuId, Timestamp};
use platform::db::{DbError, Tx};
use platform::events;
use platform::group_commit::{Command, Kind, Verdict};
use platform::idempotency::{self, Claim, Claimed};
use platform::sql::Sql;

use crate::domain::model::{Address, Line, Order, Totals};
use crate::domain::pricing::{self, Stated, Wanted};
use crate::domain::state::State;
use crate::store::claims::{self, CLIENT_REFERENCES, Judged, Text};
use crate::store::place_order::{self as store, NewOrder};

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

/// What trip 1 found.
struct Found {
    claimed: Vec<Claimed>,
    references: claims::Claimed,
    snapshots: HashMap<(MerchantId, SkuId, Currency), SkuSnapshot>,
    merchants: HashSet<MerchantId>,
}

/// What was decided about one command.
enum Decision {
    Accepted(Box<NewOrder>),
    Before(OrderId, bool),
    Refused(Refusal),
    Short(Vec<Short>, Vec<Line>),
    Busy,
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

/// Decides every command in arrival order; pure but for what it takes from the fold.
fn decide(found: &Found, fold: &mut Fold, batch: &[Arc<PlaceOrder>], now: Timestamp) -> Vec<Decision> {
    let one = |(command, claimed): (&Arc<PlaceOrder>, &Claimed)| match claimed {
        Claimed::Fresh => found.decide_fresh(fold, command, now),
        Claimed::Mine(earlier) => Decision::Before(OrderId::from_uuid(earlier.resource_id), false),
        Claimed::Repeated(earlier) => Decision::Before(OrderId::from_uuid(earlier.resource_id), true),
        Claimed::Reused(refusal) => Decision::Refused(refusal.clone()),
        Claimed::Busy => Decision::Busy,
    };
    batch.iter().zip(&found.claimed).map(one).collect()
}

impl Found {
    fn decide_fresh(&self, fold: &mut Fold, command: &PlaceOrder, now: Timestamp) -> Decision {
        if !self.merchants.contains(&command.merchant_id) {
            let id = command.merchant_id;
            let refusal = Refusal::new(Reason::MerchantNotFound, format!("merchant {id} does not exist"));
            return Decision::Refused(refusal.about("merchant", id));
        }
        match self.references.judge(command.reference().as_ref(), command.order_id) {
            Judged::Free => {}
            Judged::Taken(refusal) => return Decision::Refused(refusal),
            Judged::Busy => return Decision::Busy,
        }
        let snapshot =
            |line: &Wanted| self.snapshots.get(&(command.merchant_id, line.sku_id, command.currency));
        let snapshots: Vec<Option<&SkuSnapshot>> = command.lines.iter().map(snapshot).collect();
        let (lines, totals) =
            match pricing::price(command.currency, &command.lines, &snapshots, command.stated) {
                Ok(priced) => priced,
                Err(refusal) => return Decision::Refused(refusal),
            };
        let needs: Vec<Need> = lines
            .iter()
            .filter(|line| !line.location.is_empty())
            .map(|line| Need {
                key: stock_key(command.merchant_id, line.sku_id, &line.location),
                quantity: line.quantity,
            })
            .collect();
        if needs.iter().any(|need| fold.is_busy(&need.key)) {
            return Decision::Busy;
        }
        // Nothing to pay: confirmed at once, and what is reserved stays.
        let expires_at = (totals.total > 0).then(|| now + command.hold);
        let owner = Owner::Order(command.order_id);
        match fold.reserve(owner, command.merchant_id, &needs, expires_at, &command.actor) {
            Ok(()) => Decision::Accepted(Box::new(new_order(command, lines, totals, expires_at, now))),
            Err(short) => Decision::Short(short, lines),
        }
    }
}

fn new_order(
    command: &PlaceOrder,
    lines: Vec<Line>,
    totals: Totals,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> NewOrder {
    let state = if expires_at.is_some() { State::Pending } else { State::Confirmed };
    NewOrder {
        payment_id: expires_at.map(|_| command.payment_id),
        actor: command.actor.clone(),
        order: Arc::new(Order {
            order_id: command.order_id,
            merchant_id: command.merchant_id,
            customer_id: command.customer_id.clone(),
            client_reference: command.client_reference.clone(),
            state,
            currency: command.currency,
            totals,
            captured: 0,
            refunded: 0,
            lines,
            address: command.address.clone(),
            shipments: Vec::new(),
            ordered_time: command.ordered_time.unwrap_or(now),
            created_time: now,
            updated_time: now,
            expires_at,
        }),
    }
}

fn verdict(decision: Decision) -> Verdict<Placed> {
    match decision {
        Decision::Accepted(new) => {
            Verdict::Done(Placed::Now { order: new.order, payment_id: new.payment_id })
        }
        Decision::Before(order, false) => Verdict::DoneBefore(Placed::Before(order)),
        Decision::Before(order, true) => Verdict::Replayed(Placed::Before(order)),
        Decision::Refused(refusal) => Verdict::Refused(refusal),
        Decision::Short(short, lines) => {
            let code = |key: &StockKey| lines.iter().find(|line| line.sku_id == key.sku_id);
            let code = |key: &StockKey| code(key).map_or_else(String::new, |line| line.sku_code.clone());
            Verdict::Refused(shortage(Reason::InsufficientStock, "not enough stock", &short, code))
        }
        Decision::Busy => Verdict::Busy,
    }
}

fn short_keys(decisions: &[Decision]) -> Vec<StockKey> {
    distinct(
        decisions
            .iter()
            .flat_map(|decision| match decision {
                Decision::Short(short, _) => short.as_slice(),
                _ => &[],
            })
            .map(|short| short.key.clone()),
    )
}

/// The refusal that names every short row, with the SKU's code as `sku_code` tells it.
pub(crate) fn shortage(
    reason: Reason,
    what: &str,
    short: &[Short],
    sku_code: impl Fn(&StockKey) -> String,
) -> Refusal {
    let named: Vec<ShortLine> = short
        .iter()
        .map(|short| ShortLine {
            sku_id: short.key.sku_id.to_string(),
            sku_code: sku_code(&short.key),
            location: short.key.location.to_string(),
            wanted: short.wanted,
            available: short.available,
        })
        .collect();
    let shown: Vec<String> = named
        .iter()
        .take(3)
        .map(|line| format!("{} ({} wanted, {} available)", line.sku_code, line.wanted, line.available))
        .collect();
    let more = if named.len() > shown.len() { ", .." } else { "" };
    let refusal = Refusal::new(reason, format!("{what}: {}{more}", shown.join(", ")));
    let refusal =
        if named.len() > LISTED_MAX { refusal.with("more", named.len() - LISTED_MAX) } else { refusal };
    refusal.short_of(named)
}

fn stock_key(merchant_id: MerchantId, sku_id: SkuId, location: &str) -> StockKey {
    StockKey { sku_id, location: Location::from(location), merchant_id }
}

fn distinct<T: Clone + Eq + std::hash::Hash>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = HashSet::new();
    items.filter(|item| seen.insert(item.clone())).collect()
}
