//! The single calls of an invoice after it is placed: each takes the order one state further.

use contract::purser::order::v1::order::State;
use contract::purser::order::v1::{
    DeliverOrderRequest, GetOrderRequest, GetOrderTimelineRequest, Order, ShipOrderRequest,
};
use contract::purser::payment::v1::CapturePaymentRequest;
use contract::purser::payment::v1::payment::State as PaymentState;

use super::super::error::ReplayError;
use super::super::plan::PlannedOrder;
use super::super::service::CallError;
use super::{End, Run, refused};

// The provider's test token of a card that always pays.
const METHOD_TOKEN: &str = "pm_card_visa";

impl Run<'_> {
    pub(super) async fn pay(
        &self,
        planned: &PlannedOrder,
        attempt: u32,
        order: &Order,
        payment_id: &str,
    ) -> Result<Order, CallError> {
        const CALL: &str = "CapturePayment";
        let request = CapturePaymentRequest {
            merchant_id: self.ids.merchant.clone(),
            idempotency_key: self.key(planned, "capture", attempt),
            payment_id: payment_id.to_owned(),
            method_token: METHOD_TOKEN.to_owned(),
        };
        let answer = self
            .service
            .call(CALL, request, |request| {
                let mut client = self.service.payments();
                async move { client.capture_payment(request).await }
            })
            .await?;
        let payment =
            answer.message.payment.ok_or(ReplayError::Incomplete { call: CALL, what: "the payment" })?;
        if payment.state() != PaymentState::Captured {
            let message = format!("the payment is {}", payment.state().as_str_name());
            return Err(CallError::Refused(refused("PAYMENT_NOT_CAPTURED", message)));
        }
        if answer.message.replayed {
            return Ok(self.look(&order.order_id).await?);
        }
        // Captured money confirms the order in the same transaction: no need to ask.
        Ok(Order { state: State::Confirmed.into(), ..order.clone() })
    }

    pub(super) async fn ship(
        &self,
        planned: &PlannedOrder,
        attempt: u32,
        order: &Order,
    ) -> Result<Order, CallError> {
        const CALL: &str = "ShipOrder";
        let request = ShipOrderRequest {
            merchant_id: self.ids.merchant.clone(),
            idempotency_key: self.key(planned, "ship", attempt),
            order_id: order.order_id.clone(),
            ..ShipOrderRequest::default()
        };
        let answer = self
            .service
            .call(CALL, request, |request| {
                let mut client = self.service.orders();
                async move { client.ship_order(request).await }
            })
            .await?;
        Ok(answer.message.order.ok_or(ReplayError::Incomplete { call: CALL, what: "the order" })?)
    }

    pub(super) async fn hand_over(
        &self,
        planned: &PlannedOrder,
        attempt: u32,
        order: &Order,
    ) -> Result<Order, CallError> {
        const CALL: &str = "DeliverOrder";
        let request = DeliverOrderRequest {
            merchant_id: self.ids.merchant.clone(),
            idempotency_key: self.key(planned, "deliver", attempt),
            order_id: order.order_id.clone(),
        };
        let answer = self
            .service
            .call(CALL, request, |request| {
                let mut client = self.service.orders();
                async move { client.deliver_order(request).await }
            })
            .await?;
        Ok(answer.message.order.ok_or(ReplayError::Incomplete { call: CALL, what: "the order" })?)
    }

    pub(super) async fn look(&self, order_id: &str) -> Result<Order, ReplayError> {
        const CALL: &str = "GetOrder";
        let request =
            GetOrderRequest { merchant_id: self.ids.merchant.clone(), order_id: order_id.to_owned() };
        let answer = self
            .service
            .call(CALL, request, |request| {
                let mut client = self.service.orders();
                async move { client.get_order(request).await }
            })
            .await
            .map_err(|error| error.fatal(CALL))?;
        answer.message.order.ok_or(ReplayError::Incomplete { call: CALL, what: "the order" })
    }

    // Only time may be undone by a new attempt; an order that somebody cancelled stays cancelled.
    pub(super) async fn cancelled(&self, order: &Order) -> Result<End, ReplayError> {
        const CALL: &str = "GetOrderTimeline";
        let request = GetOrderTimelineRequest {
            merchant_id: self.ids.merchant.clone(),
            order_id: order.order_id.clone(),
        };
        let answer = self
            .service
            .call(CALL, request, |request| {
                let mut client = self.service.orders();
                async move { client.get_order_timeline(request).await }
            })
            .await
            .map_err(|error| error.fatal(CALL))?;
        let expired = answer
            .message
            .entries
            .iter()
            .any(|entry| entry.to_state() == State::Cancelled && entry.reason == "EXPIRED");
        Ok(if expired {
            End::Expired
        } else {
            End::Refused(refused("CANCELLED", "somebody cancelled the order"))
        })
    }
}
