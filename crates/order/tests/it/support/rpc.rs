//! The service's methods, called in this process.

use contract::purser::common::v1::Money;
use contract::purser::order::v1 as proto;
use kernel::{IdempotencyKey, Reason};
use platform::grpc::status::refusal;
use proto::order_service_server::OrderService;
use tonic::{Request, Status};

use super::World;

pub type Wire<T> = Result<T, Status>;

#[track_caller]
pub fn reason<T: std::fmt::Debug>(answer: Wire<T>) -> Reason {
    refusal(&answer.expect_err("refused")).expect("every refusal says why").reason
}

pub fn money(minor_units: i64) -> Money {
    Money { currency_code: "GBP".to_owned(), minor_units }
}

impl World {
    pub fn place_request(&self, key: &IdempotencyKey, lines: &[(usize, i64)]) -> proto::PlaceOrderRequest {
        let line = |&(place, quantity): &(usize, i64)| proto::PlaceOrderLine {
            sku_id: self.skus[place].to_string(),
            quantity,
            ..proto::PlaceOrderLine::default()
        };
        proto::PlaceOrderRequest {
            merchant_id: self.merchant.to_string(),
            idempotency_key: key.text(),
            currency_code: "GBP".to_owned(),
            lines: lines.iter().map(line).collect(),
            ..proto::PlaceOrderRequest::default()
        }
    }

    pub async fn call_place(&self, request: proto::PlaceOrderRequest) -> Wire<proto::PlaceOrderResponse> {
        self.server().place_order(Request::new(request)).await.map(tonic::Response::into_inner)
    }

    pub async fn call_get(&self, order_id: &str) -> Wire<proto::Order> {
        let request =
            proto::GetOrderRequest { merchant_id: self.merchant.to_string(), order_id: order_id.to_owned() };
        let response = self.server().get_order(Request::new(request)).await?;
        Ok(response.into_inner().order.unwrap())
    }

    pub async fn call_cancel(
        &self,
        key: &IdempotencyKey,
        order_id: &str,
    ) -> Wire<proto::CancelOrderResponse> {
        let request = proto::CancelOrderRequest {
            merchant_id: self.merchant.to_string(),
            idempotency_key: key.text(),
            order_id: order_id.to_owned(),
            reason: "changed my mind".to_owned(),
        };
        self.server().cancel_order(Request::new(request)).await.map(tonic::Response::into_inner)
    }

    pub async fn call_list(
        &self,
        by: Option<proto::order_filter::By>,
        page_size: i32,
        page_token: &str,
    ) -> Wire<proto::ListOrdersResponse> {
        let request = proto::ListOrdersRequest {
            merchant_id: self.merchant.to_string(),
            filter: Some(proto::OrderFilter { by }),
            page_size,
            page_token: page_token.to_owned(),
        };
        self.server().list_orders(Request::new(request)).await.map(tonic::Response::into_inner)
    }
}
