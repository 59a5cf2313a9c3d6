//! Every change of state but placement and payment: cancel, start processing, ship, deliver, expire; in ONE transaction for
//! a whole batch.
//!
//! Trip 1 claims keys and tracking numbers and locks the orders. Then the commands are folded per order, in arrival order.
//! Trip 2 locks the stock rows of what is given back or leaves, and takes the holds; trip 3 writes.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures::future;
use inventory::tx::{Fold, Hold, Owner};
use kernel::id::EventId;
use kernel::{Clock, Fingerprint, IdempotencyKey, MerchantId, OrderId, Timestamp};
use payment::tx::{Closing, OpenPayment};
use platform::db::{DbError, Locking, Tx};
use platform::events;
use platform::group_commit::{Command, Kind, Verdict};
use platform::idempotency::{self, Claim, Claimed, Scope, Start};
use platform::sql::Sql;

use crate::domain::fulfilment::{Action, Effect, Standing};
use crate::store::claims::{self, TRACKING_NUMBERS, Text};
use crate::store::transition::{self as store, LineKey, LineRow, OrderKey, Written};

mod decide;
mod stock;

use decide::{Decision, collect, decide_all};
use stock::OnHand;

/// A validated command on one order.
#[derive(Clone, Debug)]
pub struct Transition {
    /// The claim of its key; none for what the system does by itself.
    pub claim: Option<Claim>,
    /// The merchant.
    pub merchant_id: MerchantId,
    /// The order.
    pub order_id: OrderId,
    /// What is asked.
    pub action: Action,
    /// Who asks.
    pub actor: String,
}

impl Transition {
    /// A caller's command. Its claim's resource is an id of its own, by which a repeated run knows its own success.
    #[must_use]
    pub fn of_caller(
        clock: &Clock,
        method: &'static str,
        (merchant_id, order_id): OrderKey,
        key: IdempotencyKey,
        action: Action,
        actor: String,
    ) -> Self {
        let claim = Claim {
            scope: Scope::merchant(merchant_id),
            key,
            fingerprint: fingerprint(method, order_id, &action),
            method,
            resource_id: EventId::mint(clock.wall()).uuid(),
            start: Start::Done,
        };
        Self { claim: Some(claim), merchant_id, order_id, action, actor }
    }

    /// The end of an overdue order's hold.
    #[must_use]
    pub fn expiry(merchant_id: MerchantId, order_id: OrderId) -> Self {
        Self { claim: None, merchant_id, order_id, action: Action::Expire, actor: "system:expiry".into() }
    }

    /// The carrier's number as it is claimed, if the command brings one.
    #[must_use]
    pub fn tracking_number(&self) -> Option<Text> {
        match &self.action {
            Action::Ship { tracking_number, .. } if !tracking_number.is_empty() => {
                Some((self.merchant_id, tracking_number.clone()))
            }
            _ => None,
        }
    }

    /// The order with its tenant: every join is on both.
    #[must_use]
    pub const fn order(&self) -> OrderKey {
        (self.merchant_id, self.order_id)
    }

    /// True for what gives stock back.
    const fn ends(&self) -> bool {
        matches!(self.action, Action::Cancel { .. } | Action::Expire)
    }

    /// True for what gives stock back or sends it out.
    const fn moves_stock(&self) -> bool {
        self.ends() || matches!(self.action, Action::Ship { .. })
    }
}

fn fingerprint(method: &str, order_id: OrderId, action: &Action) -> Fingerprint {
    let start = Fingerprint::of(method).bytes(order_id.uuid().as_bytes());
    match action {
        Action::Cancel { reason } => start.text(reason),
        Action::Ship { lines, tracking_number, carrier } => start
            .list(lines.iter(), |builder, (line, units)| builder.number(i64::from(*line)).number(*units))
            .text(tracking_number)
            .text(carrier),
        Action::StartProcessing | Action::Deliver | Action::Expire => start,
    }
    .finish()
}

impl Command for Transition {
    fn merchant(&self) -> MerchantId {
        self.merchant_id
    }

    fn claim(&self) -> Option<&Claim> {
        self.claim.as_ref()
    }

    fn lines(&self) -> usize {
        // What it costs is the order's lines, which are not known here; most orders have a few.
        4
    }
}

/// What a command answers, beside the order, which is read as it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// True when it was so already.
    pub no_op: bool,
}

/// The group-commit kind.
#[derive(Clone, Copy, Debug)]
pub struct Transitions;

/// What trip 1 found.
struct Found {
    claimed: Vec<Claimed>,
    tracking: claims::Claimed,
    orders: HashMap<OrderKey, Standing>,
    busy: HashSet<OrderKey>,
    payments: Vec<OpenPayment>,
    holds: Vec<Hold>,
    lines: HashMap<LineKey, LineRow>,
    /// What is on hand, once it turned out to be less than the batch ships.
    on_hand: Option<OnHand>,
}

impl Kind for Transitions {
    const NAME: &'static str = "transition";
    type Command = Transition;
    type Value = Outcome;

    fn statements(&self) -> Vec<&'static Sql> {
        let mut all = store::STATEMENTS.to_vec();
        all.extend(TRACKING_NUMBERS.statements());
        all.extend(idempotency::STATEMENTS);
        all.extend(events::STATEMENTS);
        all.extend(inventory::tx::statements());
        all.extend(payment::tx::statements());
        all
    }

    async fn run(
        &self,
        tx: &Tx,
        now: Timestamp,
        batch: &[Arc<Transition>],
    ) -> Result<Vec<Verdict<Outcome>>, DbError> {
        let mut found = read(tx, now, batch).await?;
        let mut decisions = decide_all(&found, batch, now);
        if decisions.iter().any(|decision| matches!(decision, Decision::Effect(_))) {
            let mut written = collect(&found, batch, &decisions);
            let mut fold = stock::lock(tx, batch, &found.holds, &written).await?;
            let busy = stock::busy(&fold, &found.holds);
            if !busy.is_empty() || stock::is_short(&fold, &written) {
                // Who came first gets what there is: everything is decided anew, with what is on hand.
                found.busy.extend(busy);
                found.on_hand = Some(OnHand::of(&fold, &found.holds));
                decisions = decide_all(&found, batch, now);
                written = collect(&found, batch, &decisions);
            }
            stock::take(tx, &mut fold, &found.holds, &written).await?;
            write(tx, now, &found, batch, &decisions, &written, &fold).await?;
        }
        Ok(batch.iter().zip(decisions).map(|(command, decision)| verdict(command, decision)).collect())
    }
}

async fn read(tx: &Tx, now: Timestamp, batch: &[Arc<Transition>]) -> Result<Found, DbError> {
    let claims: Vec<&Claim> = batch.iter().filter_map(|command| command.claim.as_ref()).collect();
    let orders = sorted(batch.iter().map(|command| command.order()));
    let ending = sorted(batch.iter().filter(|command| command.ends()).map(|command| command.order()));
    let touching =
        sorted(batch.iter().filter(|command| command.moves_stock()).map(|command| command.order()));
    let owners: Vec<(MerchantId, Owner)> = touching.iter().copied().map(stock::owner).collect();

    // Behind the orders' locks every statement sees what the holders of those locks left.
    let reading = future::try_join5(
        store::lock_orders(tx, &orders),
        payment::tx::lock_of_orders(tx, &ending),
        payment::tx::in_flight(tx, &ending),
        store::open_lines(tx, &touching),
        inventory::tx::holds_of(tx, &owners),
    );
    let numbers = batch.iter().filter_map(|command| Some((command.tracking_number()?, command.order_id)));
    let reading = claims::claim_and(tx, &TRACKING_NUMBERS, numbers, reading);
    let (keyed, (tracking, (mut locked, payments, in_flight, lines, holds))) =
        idempotency::claim_and(tx, now, &claims, reading).await?;

    let mut busy = match tx.locking() {
        Locking::Skip => store::busy(tx, &orders, &locked).await?,
        Locking::Wait | Locking::WaitLong => HashSet::new(),
    };
    busy.extend(
        payments.iter().filter(|payment| payment.busy).map(|payment| (payment.merchant_id, payment.order_id)),
    );
    for order in in_flight {
        if let Some(standing) = locked.get_mut(&order) {
            standing.in_flight = true;
        }
    }
    let mut rows = HashMap::new();
    for line in lines {
        if let Some(standing) = locked.get_mut(&line.order) {
            standing.shipments = standing.shipments.max(line.shipments);
            standing.lines.push(line.open.clone());
            rows.insert((line.order, line.open.line_no), line);
        }
    }
    let mut keyed = keyed.into_iter();
    let claimed = batch
        .iter()
        .map(|command| command.claim.as_ref().and_then(|_| keyed.next()).unwrap_or(Claimed::Fresh))
        .collect();
    Ok(Found { claimed, tracking, orders: locked, busy, payments, holds, lines: rows, on_hand: None })
}

async fn write(
    tx: &Tx,
    now: Timestamp,
    found: &Found,
    batch: &[Arc<Transition>],
    decisions: &[Decision],
    written: &Written,
    fold: &Fold,
) -> Result<(), DbError> {
    let decided = || batch.iter().zip(decisions).zip(&found.claimed);
    let freed: Vec<&Claim> = decided()
        .filter(|((_, decision), claimed)| {
            !matches!(decision, Decision::Effect(_)) && **claimed == Claimed::Fresh
        })
        .filter_map(|((command, _), _)| command.claim.as_ref())
        .collect();
    let kept_numbers: HashSet<Text> = batch
        .iter()
        .zip(decisions)
        .filter(|(_, decision)| matches!(decision, Decision::Effect(_)))
        .filter_map(|(command, _)| command.tracking_number())
        .collect();
    let closed = found.payments.iter().filter_map(|payment| {
        let expired = written.cancelled.get(&(payment.merchant_id, payment.order_id))?;
        Some((payment.clone(), *expired))
    });
    let (expired, voided): (Vec<_>, Vec<_>) = closed.partition(|(_, expired)| *expired);
    let [expired, voided] = [expired, voided]
        .map(|payments| payments.into_iter().map(|(payment, _)| payment).collect::<Vec<_>>());

    let events = written.events();
    let orders = store::write(tx, now, written, &found.orders);
    let payments = future::try_join(
        payment::tx::close_unpaid(tx, now, &voided, Closing::Voided),
        payment::tx::close_unpaid(tx, now, &expired, Closing::Expired),
    );
    let frees = future::try_join(idempotency::free(tx, &freed), found.tracking.free_but(tx, &kept_numbers));
    let ledger = future::try_join(inventory::tx::write(tx, now, fold), events::append(tx, now, &events));
    future::try_join4(orders, payments, ledger, frees).await?;
    Ok(())
}

fn verdict(command: &Transition, decision: Decision) -> Verdict<Outcome> {
    match decision {
        // What the system does by itself and found already done changes nothing, and needs no commit.
        Decision::Effect(Effect::NoOp) if command.claim.is_none() => {
            Verdict::Replayed(Outcome { no_op: true })
        }
        Decision::Effect(Effect::NoOp) => Verdict::Done(Outcome { no_op: true }),
        Decision::Effect(_) => Verdict::Done(Outcome { no_op: false }),
        Decision::Before => Verdict::DoneBefore(Outcome { no_op: false }),
        Decision::Replayed => Verdict::Replayed(Outcome { no_op: false }),
        Decision::Refused(refusal) => Verdict::Refused(refusal),
        Decision::Busy => Verdict::Busy,
    }
}

fn sorted<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort_unstable();
    items.dedup();
    items
}
