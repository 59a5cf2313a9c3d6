//! One invoice: placed, paid, shipped, delivered. Every step can be repeated, so it starts wherever the order stands.
//!
//! Keys are `<merchant>/<invoice>/<step>/<attempt>`. An order that expired before it was paid is placed again under the
//! next attempt. Its client reference is taken for ever by the expired order, so the second attempt of invoice 536365
//! has the client reference `536365/2`.

use contract::purser::common::v1::Money;
use contract::purser::order::v1::order::State;
use contract::purser::order::v1::{Order, PlaceOrderLine, PlaceOrderRequest, PlaceOrderResponse};
use kernel::Timestamp;

use super::error::ReplayError;
use super::plan::{Plan, PlannedOrder};
use super::prepare::Ids;
use super::service::{Answer, CallError, Service};
use super::verdict::Refused;

mod steps;

// Each attempt needs an expiry of the one before, so a hundred is never reached by an honest system.
const ATTEMPTS_MAX: u32 = 99;

/// How an invoice came out.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The order that stands for it, also one that another run placed; `None` when none could be placed.
    pub order_id: Option<String>,
    /// Orders that this run placed for it.
    pub placed: u64,
    /// Why it did not get to DELIVERED.
    pub refused: Option<Refused>,
}

/// What all invoices of a run share.
pub struct Run<'a> {
    /// The service.
    pub service: &'a Service,
    /// The plan.
    pub plan: &'a Plan,
    /// The ids of merchant and SKUs.
    pub ids: &'a Ids,
    /// When the run began: an order made later, whose answer was lost, is one that this run placed.
    pub began: Timestamp,
}

/// Where an order went.
enum End {
    Delivered,
    Expired,
    Refused(Refused),
}

impl Run<'_> {
    /// Brings one invoice to DELIVERED, from wherever it stands.
    ///
    /// # Errors
    /// Only what ends the whole replay; a refusal is an outcome.
    pub async fn deliver(&self, planned: &PlannedOrder) -> Result<Outcome, ReplayError> {
        let mut outcome = Outcome::default();
        for attempt in 1..=ATTEMPTS_MAX {
            let placed = match self.place(planned, attempt).await {
                Ok(placed) => placed,
                Err(CallError::Refused(refused)) => {
                    outcome.refused = Some(refused);
                    return Ok(outcome);
                }
                Err(CallError::Fatal(error)) => return Err(error),
            };
            outcome.placed += u64::from(self.placed_now(&placed));
            let PlaceOrderResponse { order, payment_id, .. } = placed.message;
            let order = order.ok_or(ReplayError::Incomplete { call: "PlaceOrder", what: "the order" })?;
            outcome.order_id = Some(order.order_id.clone());
            match self.finish(planned, attempt, order, &payment_id).await? {
                End::Delivered => return Ok(outcome),
                End::Expired => {}
                End::Refused(refused) => {
                    outcome.refused = Some(refused);
                    return Ok(outcome);
                }
            }
        }
        outcome.refused = Some(refused("EXPIRED", format!("expired {ATTEMPTS_MAX} times")));
        Ok(outcome)
    }

    async fn place(
        &self,
        planned: &PlannedOrder,
        attempt: u32,
    ) -> Result<Answer<PlaceOrderResponse>, CallError> {
        let request = self.place_request(planned, attempt);
        self.service
            .call("PlaceOrder", request, |request| {
                let mut client = self.service.orders();
                async move { client.place_order(request).await }
            })
            .await
    }

    fn place_request(&self, planned: &PlannedOrder, attempt: u32) -> PlaceOrderRequest {
        let lines = planned.lines.iter().map(|line| PlaceOrderLine {
            sku_id: self.ids.skus[line.sku].clone(),
            quantity: line.units,
            unit_price: (line.price != self.plan.skus[line.sku].list_price).then(|| self.money(line.price)),
            location: String::new(),
        });
        let invoice = &planned.invoice;
        PlaceOrderRequest {
            merchant_id: self.ids.merchant.clone(),
            idempotency_key: self.key(planned, "place", attempt),
            customer_id: planned.customer.clone(),
            client_reference: if attempt == 1 { invoice.clone() } else { format!("{invoice}/{attempt}") },
            ordered_time: Some(prost_types::Timestamp { seconds: planned.ordered_at, nanos: 0 }),
            currency_code: self.plan.currency.to_owned(),
            lines: lines.collect(),
            // A list price that was changed in between is a refusal, not an order at another price than the file's.
            expected_total: planned.total().map(|total| self.money(total)),
            ..PlaceOrderRequest::default()
        }
    }

    fn key(&self, planned: &PlannedOrder, step: &str, attempt: u32) -> String {
        format!("{}/{}/{step}/{attempt}", self.plan.merchant, planned.invoice)
    }

    fn money(&self, minor_units: i64) -> Money {
        Money { currency_code: self.plan.currency.to_owned(), minor_units }
    }

    // An answer that was lost on the way comes back as replayed; then the order's own time tells whose it is.
    fn placed_now(&self, answer: &Answer<PlaceOrderResponse>) -> bool {
        let made = answer.message.order.as_ref().and_then(|order| order.create_time);
        let began = (self.began.unix_timestamp(), self.began.nanosecond());
        let made_since = |made: prost_types::Timestamp| {
            u32::try_from(made.nanos).is_ok_and(|nanos| (made.seconds, nanos) >= began)
        };
        !answer.message.replayed || (answer.in_doubt && made.is_some_and(made_since))
    }

    // Takes the steps that are left, each decided by where the order stands.
    async fn finish(
        &self,
        planned: &PlannedOrder,
        attempt: u32,
        mut order: Order,
        payment_id: &str,
    ) -> Result<End, ReplayError> {
        // At most: capture, ship, deliver, and one look at an order that another process moved meanwhile.
        for _ in 0..6 {
            let stepped = match order.state() {
                State::Pending => self.pay(planned, attempt, &order, payment_id).await,
                State::Confirmed | State::Processing => self.ship(planned, attempt, &order).await,
                State::Shipped => self.hand_over(planned, attempt, &order).await,
                State::Delivered => return Ok(End::Delivered),
                State::Cancelled => return self.cancelled(&order).await,
                state => return Ok(End::Refused(refused(state.as_str_name(), "the order went another way"))),
            };
            let before = order.state;
            let refusal = match stepped {
                Ok(next) => {
                    order = next;
                    continue;
                }
                Err(CallError::Refused(refused)) => refused,
                Err(CallError::Fatal(error)) => return Err(error),
            };
            // The order may have moved on in between: expired, or driven by another replay.
            order = self.look(&order.order_id).await?;
            if order.state == before {
                return Ok(End::Refused(refusal));
            }
        }
        Ok(End::Refused(refused(
            "UNSETTLED",
            "the order did not get to DELIVERED in as many steps as there are",
        )))
    }
}

// What the replay itself finds, in the words of a refusal.
fn refused(reason: &str, message: impl Into<String>) -> Refused {
    let reason = reason.trim_start_matches("STATE_").to_owned();
    Refused { reason, message: message.into(), resource: String::new(), short: Vec::new() }
}
