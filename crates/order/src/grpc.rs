//! The order service: each RPC parses its request, calls the command or query, and shapes the reply, in a file of its own.

use contract::purser::order::v1 as proto;
use kernel::Refusal;
use platform::db::Reader;
use platform::grpc::layers::deadline::Deadline;
use platform::grpc::status::status;
use proto::order_service_server::OrderService;
use tokio::time::Instant;
use tonic::{Request, Response, Status};

use crate::orders::Orders;

mod batch_get_orders;
mod cancel_order;
mod deliver_order;
mod get_order;
mod get_order_timeline;
mod list_fulfillment_queue;
mod list_orders;
mod place_order;
mod ship_order;
mod show;
mod start_processing;
mod transition;

/// Serves the order context.
#[derive(Clone)]
pub struct OrderServer {
    orders: Orders,
}

impl OrderServer {
    /// A server of `orders`.
    #[must_use]
    pub const fn new(orders: Orders) -> Self {
        Self { orders }
    }

    async fn read(&self) -> Result<Reader, Refusal> {
        Ok(self.orders.deps.database.read().await?)
    }
}

/// Until when the caller waits.
fn deadline<T>(request: &Request<T>) -> Option<Instant> {
    request.extensions().get::<Deadline>().map(|deadline| deadline.0)
}

fn answer<T>(result: Result<Response<T>, Refusal>) -> Result<Response<T>, Status> {
    result.map_err(status)
}

#[tonic::async_trait]
impl OrderService for OrderServer {
    async fn place_order(
        &self,
        request: Request<proto::PlaceOrderRequest>,
    ) -> Result<Response<proto::PlaceOrderResponse>, Status> {
        answer(self.handle_place_order(request).await)
    }

    async fn get_order(
        &self,
        request: Request<proto::GetOrderRequest>,
    ) -> Result<Response<proto::GetOrderResponse>, Status> {
        answer(self.handle_get_order(request).await)
    }

    async fn batch_get_orders(
        &self,
        request: Request<proto::BatchGetOrdersRequest>,
    ) -> Result<Response<proto::BatchGetOrdersResponse>, Status> {
        answer(self.handle_batch_get_orders(request).await)
    }

    async fn list_orders(
        &self,
        request: Request<proto::ListOrdersRequest>,
    ) -> Result<Response<proto::ListOrdersResponse>, Status> {
        answer(self.handle_list_orders(request).await)
    }

    async fn get_order_timeline(
        &self,
        request: Request<proto::GetOrderTimelineRequest>,
    ) -> Result<Response<proto::GetOrderTimelineResponse>, Status> {
        answer(self.handle_get_order_timeline(request).await)
    }

    async fn cancel_order(
        &self,
        request: Request<proto::CancelOrderRequest>,
    ) -> Result<Response<proto::CancelOrderResponse>, Status> {
        answer(self.handle_cancel_order(request).await)
    }

    async fn start_processing(
        &self,
        request: Request<proto::StartProcessingRequest>,
    ) -> Result<Response<proto::StartProcessingResponse>, Status> {
        answer(self.handle_start_processing(request).await)
    }

    async fn ship_order(
        &self,
        request: Request<proto::ShipOrderRequest>,
    ) -> Result<Response<proto::ShipOrderResponse>, Status> {
        answer(self.handle_ship_order(request).await)
    }

    async fn deliver_order(
        &self,
        request: Request<proto::DeliverOrderRequest>,
    ) -> Result<Response<proto::DeliverOrderResponse>, Status> {
        answer(self.handle_deliver_order(request).await)
    }

    async fn list_fulfillment_queue(
        &self,
        request: Request<proto::ListFulfillmentQueueRequest>,
    ) -> Result<Response<proto::ListFulfillmentQueueResponse>, Status> {
        answer(self.handle_list_fulfillment_queue(request).await)
    }
}
