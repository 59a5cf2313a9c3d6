//! `ListOrders`.

use contract::purser::order::v1 as proto;
use kernel::{MerchantId, OrderId, PageTokens, Refusal};
use platform::grpc::fields::Fields;
use platform::grpc::page;
use proto::order_filter::By;
use tonic::{Request, Response};
use uuid::Uuid;

use super::{OrderServer, show};
use crate::domain::state::State;
use crate::queries::list_orders::{Filter, list_orders};

impl OrderServer {
    pub(super) async fn handle_list_orders(
        &self,
        request: Request<proto::ListOrdersRequest>,
    ) -> Result<Response<proto::ListOrdersResponse>, Refusal> {
        let request = request.into_inner();
        let mut fields = Fields::new();
        let merchant_id: MerchantId = fields.id("merchant_id", &request.merchant_id);
        let by = request.filter.and_then(|filter| filter.by);
        let filter = fields.message("filter", |fields| filter(fields, by));
        let size = page::page_size(&mut fields, request.page_size);
        let (filter, size) = fields.finish((filter, size))?;

        // The canonical text of the query: a token of another one is refused.
        let query = format!("ListOrders {merchant_id} {filter:?}");
        let before = cursor(&self.orders.deps.page_tokens, &query, &request.page_token)?;
        let found = list_orders(&mut self.read().await?, merchant_id, &filter, before, size).await?;
        Ok(Response::new(proto::ListOrdersResponse {
            orders: found.orders.iter().map(show::summary).collect(),
            next_page_token: seal(&self.orders.deps.page_tokens, &query, found.next),
        }))
    }
}

fn filter(fields: &mut Fields, by: Option<By>) -> Filter {
    match by {
        None => Filter::All,
        Some(By::CustomerId(customer)) => {
            Filter::Customer(fields.reference("customer_id", &customer, 1..=64))
        }
        Some(By::TrackingNumber(number)) => {
            Filter::TrackingNumber(fields.reference("tracking_number", &number, 1..=64))
        }
        Some(By::ClientReference(reference)) => {
            Filter::ClientReference(fields.reference("client_reference", &reference, 1..=64))
        }
        Some(By::State(number)) => {
            let wanted = proto::order::State::try_from(number).ok();
            let state =
                wanted.and_then(|wanted| State::ALL.into_iter().find(|state| show::state(*state) == wanted));
            Filter::State(state.unwrap_or_else(|| {
                fields.violation("state", "must be one of the states of an order");
                State::Pending
            }))
        }
    }
}

/// The order at which a page token left off.
pub(super) fn cursor(tokens: &PageTokens, query: &str, token: &str) -> Result<Option<OrderId>, Refusal> {
    let Some(bytes) = page::open(tokens, query, token)? else { return Ok(None) };
    let uuid = Uuid::from_slice(&bytes).map_err(|_| page::invalid_token())?;
    Ok(Some(OrderId::from_uuid(uuid)))
}

/// The token of the page that goes on at `next`.
pub(super) fn seal(tokens: &PageTokens, query: &str, next: Option<OrderId>) -> String {
    page::seal(tokens, query, next.map(|id| *id.uuid().as_bytes()).as_ref().map(<[u8; 16]>::as_slice))
}
