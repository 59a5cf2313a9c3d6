//! `ShipOrder`.

use contract::purser::order::v1 as proto;
use kernel::Refusal;
use platform::grpc::actor::actor;
use platform::grpc::fields::Fields;
use tonic::{Request, Response};

use super::transition::target;
use super::{OrderServer, deadline, show};
use crate::domain::fulfilment::Action;

impl OrderServer {
    pub(super) async fn handle_ship_order(
        &self,
        request: Request<proto::ShipOrderRequest>,
    ) -> Result<Response<proto::ShipOrderResponse>, Refusal> {
        let (actor, deadline) = (actor(request.metadata())?, deadline(&request));
        let request = request.into_inner();
        let mut fields = Fields::new();
        let target = target(&mut fields, &request.merchant_id, &request.order_id, &request.idempotency_key);
        let lines = fields.each("lines", &request.lines, 0..=2_000, |fields, line| {
            if line.line_no < 1 {
                fields.violation("line_no", "must be 1 or more");
            }
            (line.line_no, fields.quantity("quantity", line.quantity, 1..=1_000_000))
        });
        fields.distinct("lines", "line_no", lines.iter().map(|(line_no, _)| *line_no));
        let action = Action::Ship {
            lines,
            tracking_number: fields.reference("tracking_number", &request.tracking_number, 0..=64),
            carrier: fields.text("carrier", &request.carrier, 0..=64),
        };
        let (target, action) = fields.finish((target, action))?;
        let changed = self.change("ShipOrder", target, action, actor, deadline).await?;
        Ok(changed.respond(proto::ShipOrderResponse {
            order: Some(show::order(&changed.order)),
            replayed: changed.replayed,
        }))
    }
}
