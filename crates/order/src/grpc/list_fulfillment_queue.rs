//! `ListFulfillmentQueue`.

use contract::purser::order::v1 as proto;
use kernel::{MerchantId, Refusal};
use platform::grpc::fields::Fields;
use platform::grpc::page;
use tonic::{Request, Response};

use super::list_orders::{cursor, seal};
use super::{OrderServer, show};
use crate::queries::list_fulfillment_queue::list_fulfillment_queue;

impl OrderServer {
    pub(super) async fn handle_list_fulfillment_queue(
        &self,
        request: Request<proto::ListFulfillmentQueueRequest>,
    ) -> Result<Response<proto::ListFulfillmentQueueResponse>, Refusal> {
        let request = request.into_inner();
        let mut fields = Fields::new();
        let merchant_id: MerchantId = fields.id("merchant_id", &request.merchant_id);
        let size = page::page_size(&mut fields, request.page_size);
        let (merchant_id, size) = fields.finish((merchant_id, size))?;

        let query = format!("ListFulfillmentQueue {merchant_id}");
        let after = cursor(&self.orders.deps.page_tokens, &query, &request.page_token)?;
        let found = list_fulfillment_queue(&mut self.read().await?, merchant_id, after, size).await?;
        Ok(Response::new(proto::ListFulfillmentQueueResponse {
            orders: found.orders.iter().map(show::summary).collect(),
            next_page_token: seal(&self.orders.deps.page_tokens, &query, found.next),
        }))
    }
}
