//! `GetOrder`.

use contract::purser::order::v1 as proto;
use kernel::Refusal;
use platform::grpc::fields::Fields;
use tonic::{Request, Response};

use super::{OrderServer, show};
use crate::queries::get_order::get_order;

impl OrderServer {
    pub(super) async fn handle_get_order(
        &self,
        request: Request<proto::GetOrderRequest>,
    ) -> Result<Response<proto::GetOrderResponse>, Refusal> {
        let request = request.into_inner();
        let mut fields = Fields::new();
        let ids = (fields.id("merchant_id", &request.merchant_id), fields.id("order_id", &request.order_id));
        let (merchant_id, order_id) = fields.finish(ids)?;
        let order = get_order(&mut self.read().await?, merchant_id, order_id).await?;
        Ok(Response::new(proto::GetOrderResponse { order: Some(show::order(&order)) }))
    }
}
