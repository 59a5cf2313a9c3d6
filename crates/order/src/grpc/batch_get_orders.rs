//! `BatchGetOrders`.

use contract::purser::order::v1 as proto;
use kernel::{OrderId, Refusal};
use platform::grpc::fields::Fields;
use tonic::{Request, Response};

use super::{OrderServer, show};
use crate::queries::batch_get_orders::batch_get_orders;

impl OrderServer {
    pub(super) async fn handle_batch_get_orders(
        &self,
        request: Request<proto::BatchGetOrdersRequest>,
    ) -> Result<Response<proto::BatchGetOrdersResponse>, Refusal> {
        let request = request.into_inner();
        let mut fields = Fields::new();
        let merchant_id = fields.id("merchant_id", &request.merchant_id);
        let ids: Vec<OrderId> =
            fields.each("order_ids", &request.order_ids, 1..=100, |fields, id| fields.id("", id));
        // An id that could not be read is named already, and is none that could come twice.
        let readable = |(at, id): (usize, &OrderId)| if id.uuid().is_nil() { Err(at) } else { Ok(*id) };
        fields.distinct("order_ids", "", ids.iter().enumerate().map(readable));
        let (merchant_id, ids) = fields.finish((merchant_id, ids))?;
        let batch = batch_get_orders(&mut self.read().await?, merchant_id, &ids).await?;
        Ok(Response::new(proto::BatchGetOrdersResponse {
            orders: batch.orders.iter().map(show::order).collect(),
            missing_order_ids: batch.missing.iter().map(ToString::to_string).collect(),
            deferred_order_ids: batch.deferred.iter().map(ToString::to_string).collect(),
        }))
    }
}
