//! `PlaceOrder`: places the order, and goes on to capture its payment when that was asked for.

use std::sync::Arc;

use contract::purser::order::v1 as proto;
use kernel::id::PaymentId;
use kernel::{IdempotencyKey, Reason, Refusal};
use platform::grpc::actor::actor;
use platform::grpc::status::replay_header;
use tokio::time::Instant;
use tonic::{Request, Response};

use super::{OrderServer, deadline, show};
use crate::commands::place_order::Placed;
use crate::domain::model::Order;
use crate::domain::state::State;
use crate::payments::Capture;
use crate::queries::get_order::get_order;

mod parse;

impl OrderServer {
    pub(super) async fn handle_place_order(
        &self,
        request: Request<proto::PlaceOrderRequest>,
    ) -> Result<Response<proto::PlaceOrderResponse>, Refusal> {
        let (actor, deadline) = (actor(request.metadata())?, deadline(&request));
        let parsed = parse::place_order(request.into_inner(), &self.orders.deps, actor)?;
        let (command, method_token) = (parsed.command, parsed.method_token);
        let (merchant_id, actor) = (command.merchant_id, command.actor.clone());

        let done = self.orders.place.submit(command, deadline).await?;
        let (mut order, payment_id) = match done.value {
            Placed::Now { order, payment_id } if !done.replayed => (order, payment_id),
            // Placed before: the answer is the order as it stands now.
            Placed::Now { order, .. } => self.stands(merchant_id, order.order_id).await?,
            Placed::Before(order_id) => self.stands(merchant_id, order_id).await?,
        };

        let mut failure = None;
        if let (Some(method_token), Some(payment_id), State::Pending) =
            (method_token, payment_id, order.state)
        {
            let key = capture_key(&order);
            let capture = Capture { merchant_id, key, payment_id, method_token, actor };
            failure = self.capture(capture, deadline).await?;
            order = Arc::new(get_order(&mut self.read().await?, merchant_id, order.order_id).await?);
        }
        let mut response = Response::new(proto::PlaceOrderResponse {
            order: Some(show::order(&order)),
            payment_id: payment_id.map(|id| id.to_string()).unwrap_or_default(),
            payment_failure: failure.map(payment_failure),
            replayed: done.replayed,
        });
        if done.replayed {
            replay_header(&mut response);
        }
        Ok(response)
    }

    async fn stands(
        &self,
        merchant_id: kernel::MerchantId,
        order_id: kernel::OrderId,
    ) -> Result<(Arc<Order>, Option<PaymentId>), Refusal> {
        let mut reader = self.read().await?;
        let order = get_order(&mut reader, merchant_id, order_id).await?;
        let payment_id = payment::queries::first_of_order(&mut reader, merchant_id, order_id).await?;
        Ok((Arc::new(order), payment_id))
    }

    /// Captures, and tells why not when the order stays PENDING. The order is placed whatever comes of its payment, so a
    /// refusal of the payment is part of the answer; but a caller whose time is over is told so.
    async fn capture(&self, capture: Capture, deadline: Option<Instant>) -> Result<Option<Refusal>, Refusal> {
        match self.orders.deps.payments.capture(capture, deadline).await {
            Ok(_) => Ok(None),
            Err(refusal) if refusal.reason == Reason::DeadlineExceeded => Err(refusal),
            Err(refusal) => Ok(Some(refusal)),
        }
    }
}

/// The capture's key follows from the order, whose id follows from the order's key: the same call resumes the same capture.
fn capture_key(order: &Order) -> IdempotencyKey {
    use sha2::{Digest, Sha256};
    let hash =
        Sha256::digest([b"capture at placement".as_slice(), order.order_id.uuid().as_bytes()].concat());
    let mut tail = [0; 10];
    tail.copy_from_slice(&hash[..10]);
    let uuid = uuid::Builder::from_unix_timestamp_millis(order.order_id.unix_ms(), &tail).into_uuid();
    IdempotencyKey::parse(&uuid.to_string()).expect("a UUID is a key")
}

fn payment_failure(refusal: Refusal) -> proto::PaymentFailure {
    proto::PaymentFailure {
        reason: refusal.reason.as_str().to_owned(),
        message: refusal.message,
        metadata: refusal.metadata.into_iter().collect(),
    }
}
