//! `StartProcessing`.

use contract::purser::order::v1 as proto;
use kernel::Refusal;
use platform::grpc::actor::actor;
use platform::grpc::fields::Fields;
use tonic::{Request, Response};

use super::transition::target;
use super::{OrderServer, deadline, show};
use crate::domain::fulfilment::Action;

impl OrderServer {
    pub(super) async fn handle_start_processing(
        &self,
        request: Request<proto::StartProcessingRequest>,
    ) -> Result<Response<proto::StartProcessingResponse>, Refusal> {
        let (actor, deadline) = (actor(request.metadata())?, deadline(&request));
        let request = request.into_inner();
        let mut fields = Fields::new();
        let target = target(&mut fields, &request.merchant_id, &request.order_id, &request.idempotency_key);
        let target = fields.finish(target)?;
        let changed =
            self.change("StartProcessing", target, Action::StartProcessing, actor, deadline).await?;
        Ok(changed.respond(proto::StartProcessingResponse {
            order: Some(show::order(&changed.order)),
            replayed: changed.replayed,
            no_op: changed.no_op,
        }))
    }
}
