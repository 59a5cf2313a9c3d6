//! `GetOrderTimeline`.

use contract::purser::order::v1 as proto;
use kernel::Refusal;
use platform::grpc::fields::Fields;
use tonic::{Request, Response};

use super::{OrderServer, show};
use crate::queries::get_order_timeline::get_order_timeline;

impl OrderServer {
    pub(super) async fn handle_get_order_timeline(
        &self,
        request: Request<proto::GetOrderTimelineRequest>,
    ) -> Result<Response<proto::GetOrderTimelineResponse>, Refusal> {
        let request = request.into_inner();
        let mut fields = Fields::new();
        let ids = (fields.id("merchant_id", &request.merchant_id), fields.id("order_id", &request.order_id));
        let (merchant_id, order_id) = fields.finish(ids)?;
        let now = self.orders.deps.clock.now();
        let entries = get_order_timeline(&mut self.read().await?, now, merchant_id, order_id).await?;
        Ok(Response::new(proto::GetOrderTimelineResponse {
            entries: entries.iter().map(show::timeline_entry).collect(),
        }))
    }
}
