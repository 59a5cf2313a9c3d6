//! What the RPCs that change a state share: the ids and the key, the way through the lane, and the order as it then stands.

use kernel::{IdempotencyKey, MerchantId, OrderId, Refusal};
use platform::grpc::fields::Fields;
use platform::grpc::status::replay_header;
use tokio::time::Instant;
use tonic::Response;

use super::OrderServer;
use crate::commands::transition::Transition;
use crate::domain::fulfilment::Action;
use crate::domain::model::Order;
use crate::queries::get_order::get_order;

/// The first three fields of each of them.
pub(super) struct Target {
    pub merchant_id: MerchantId,
    pub order_id: OrderId,
    pub key: IdempotencyKey,
}

pub(super) fn target(fields: &mut Fields, merchant_id: &str, order_id: &str, key: &str) -> Target {
    Target {
        merchant_id: fields.id("merchant_id", merchant_id),
        order_id: fields.id("order_id", order_id),
        key: fields.key(key),
    }
}

/// What became of a change.
pub(super) struct Changed {
    pub order: Order,
    pub replayed: bool,
    pub no_op: bool,
}

impl Changed {
    /// The response, marked when it was given before.
    pub fn respond<T>(&self, response: T) -> Response<T> {
        let mut response = Response::new(response);
        if self.replayed {
            replay_header(&mut response);
        }
        response
    }
}

impl OrderServer {
    pub(super) async fn change(
        &self,
        method: &'static str,
        target: Target,
        action: Action,
        actor: String,
        deadline: Option<Instant>,
    ) -> Result<Changed, Refusal> {
        let Target { merchant_id, order_id, key } = target;
        let clock = &self.orders.deps.clock;
        let command = Transition::of_caller(clock, method, (merchant_id, order_id), key, action, actor);
        let done = self.orders.transitions.submit(command, deadline).await?;
        let order = get_order(&mut self.read().await?, merchant_id, order_id).await?;
        Ok(Changed { order, replayed: done.replayed, no_op: done.value.no_op })
    }
}
