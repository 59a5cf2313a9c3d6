//! Who gets what: every order of a batch decided in arrival order, over the rows that trip 1 has locked.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use catalog::tx::SkuSnapshot;
use inventory::tx::{Fold, Need, Owner, Short, StockKey};
use kernel::refusal::{LISTED_MAX, ShortLine};
use kernel::{Currency, MerchantId, OrderId, Reason, Refusal, SkuId, Timestamp};
use platform::group_commit::Verdict;
use platform::idempotency::Claimed;

use super::{PlaceOrder, Placed, distinct, stock_key};
use crate::domain::model::{Line, Order, Totals};
use crate::domain::pricing::{self, Wanted};
use crate::domain::state::State;
use crate::store::claims::{self, Judged};
use crate::store::place_order::NewOrder;

/// What trip 1 found.
pub(super) struct Found {
    pub claimed: Vec<Claimed>,
    pub references: claims::Claimed,
    pub snapshots: HashMap<(MerchantId, SkuId, Currency), SkuSnapshot>,
    pub merchants: HashSet<MerchantId>,
}

/// What was decided about one command.
pub(super) enum Decision {
    Accepted(Box<NewOrder>),
    Before(OrderId, bool),
    Refused(Refusal),
    Short(Vec<Short>, Vec<Line>),
    Busy,
}

/// Decides every command in arrival order; pure but for what it takes from the fold.
pub(super) fn decide(
    found: &Found,
    fold: &mut Fold,
    batch: &[Arc<PlaceOrder>],
    now: Timestamp,
) -> Vec<Decision> {
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

pub(super) fn verdict(decision: Decision) -> Verdict<Placed> {
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

pub(super) fn short_keys(decisions: &[Decision]) -> Vec<StockKey> {
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
