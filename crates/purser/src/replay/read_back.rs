//! What stands in the system for a plan, asked through the API, line by line.

use std::collections::BTreeMap;

use contract::purser::order::v1::order::State;
use contract::purser::order::v1::{BatchGetOrdersRequest, BatchGetOrdersResponse, Order};
use futures::{StreamExt, TryStreamExt};

use super::error::ReplayError;
use super::plan::{Plan, PlannedOrder, Totals};
use super::progress::Progress;
use super::service::Service;

// What BatchGetOrders takes in one call, and how many calls are under way.
const BATCH: usize = 100;
const BATCHES_AT_ONCE: usize = 4;

/// What stands.
#[derive(Debug, Default)]
pub struct Standing {
    /// DELIVERED orders and what they come to, over all currencies.
    pub totals: Totals,
    /// Their value by currency, in minor units.
    pub value: BTreeMap<String, i64>,
    /// What differs from the plan, one sentence each.
    pub differences: Vec<String>,
}

/// Reads the orders of a plan, given the id that stands for each invoice.
///
/// # Errors
/// A refusal, or the end of patience.
pub async fn read_back(
    service: &Service,
    merchant: &str,
    plan: &Plan,
    order_ids: &[Option<String>],
    progress: &Progress,
) -> Result<Standing, ReplayError> {
    progress.phase("reading back", order_ids.len());
    let known: Vec<(&PlannedOrder, &String)> =
        plan.orders.iter().zip(order_ids).filter_map(|(planned, id)| Some((planned, id.as_ref()?))).collect();
    let batches: Vec<Vec<String>> =
        known.chunks(BATCH).map(|batch| batch.iter().map(|(_, id)| (*id).clone()).collect()).collect();
    let read: Vec<Vec<Order>> = futures::stream::iter(batches)
        .map(|batch| read_batch(service, merchant, batch, progress))
        .buffered(BATCHES_AT_ONCE)
        .try_collect()
        .await?;
    let found: BTreeMap<&str, &Order> =
        read.iter().flatten().map(|order| (order.order_id.as_str(), order)).collect();

    let mut standing = Standing::default();
    for (planned, id) in known {
        match found.get(id.as_str()) {
            Some(order) => standing.add(plan, planned, order),
            None => standing.differences.push(format!("invoice {}: {id} does not exist", planned.invoice)),
        }
    }
    Ok(standing)
}

async fn read_batch(
    service: &Service,
    merchant: &str,
    mut wanted: Vec<String>,
    progress: &Progress,
) -> Result<Vec<Order>, ReplayError> {
    const CALL: &str = "BatchGetOrders";
    let mut orders = Vec::with_capacity(wanted.len());
    while !wanted.is_empty() {
        let asked = wanted.len();
        let request = BatchGetOrdersRequest { merchant_id: merchant.to_owned(), order_ids: wanted };
        let answer = service
            .call(CALL, request, |request| {
                let mut client = service.orders();
                async move { client.batch_get_orders(request).await }
            })
            .await
            .map_err(|error| error.fatal(CALL))?;
        let BatchGetOrdersResponse { orders: part, deferred_order_ids, .. } = answer.message;
        if deferred_order_ids.len() >= asked {
            return Err(ReplayError::Incomplete { call: CALL, what: "any of the orders" });
        }
        progress.advance(asked - deferred_order_ids.len());
        orders.extend(part);
        wanted = deferred_order_ids;
    }
    Ok(orders)
}

impl Standing {
    fn add(&mut self, plan: &Plan, planned: &PlannedOrder, order: &Order) {
        let mut differ = |what: String| {
            self.differences.push(format!("invoice {} ({}): {what}", planned.invoice, order.order_id));
        };
        if order.state() != State::Delivered {
            differ(format!("is {} and not delivered", order.state().as_str_name()));
            return;
        }
        let total = order.total.clone().unwrap_or_default();
        let captured = order.captured.clone().unwrap_or_default();
        if captured.minor_units != total.minor_units {
            differ(format!("{} of {} captured", captured.minor_units, total.minor_units));
        }
        if total.currency_code != plan.currency {
            differ(format!("is in {:?}", total.currency_code));
        }
        if lines_of(order) != lines_planned(plan, planned) {
            differ("its lines are not those of the file".to_owned());
        }
        self.totals.orders += 1;
        self.totals.lines += order.lines.len() as u64;
        self.totals.units += order.lines.iter().map(|line| line.quantity).sum::<i64>();
        self.totals.value += total.minor_units;
        *self.value.entry(total.currency_code).or_default() += total.minor_units;
    }
}

// (code without case, unit price, units), sorted: the order of lines has no meaning.
fn lines_of(order: &Order) -> Vec<(String, i64, i64)> {
    let line = |line: &contract::purser::order::v1::OrderLine| {
        let price = line.unit_price.as_ref().map_or(0, |price| price.minor_units);
        (line.sku_code.to_lowercase(), price, line.quantity)
    };
    sorted(order.lines.iter().map(line).collect())
}

fn lines_planned(plan: &Plan, planned: &PlannedOrder) -> Vec<(String, i64, i64)> {
    let lines = planned.lines.iter();
    sorted(lines.map(|line| (plan.skus[line.sku].code.to_lowercase(), line.price, line.units)).collect())
}

fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort_unstable();
    items
}
