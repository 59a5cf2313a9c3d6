//! `ListPayments`.

use contract::purser::payment::v1 as proto;
use kernel::id::PaymentId;
use kernel::{PageTokens, Refusal};
use platform::grpc::{Fields, page};
use uuid::Uuid;

use super::show;
use crate::payments::Payments;
use crate::queries::{self, ListPayments};

pub(super) async fn call(
    payments: &Payments,
    tokens: &PageTokens,
    request: &proto::ListPaymentsRequest,
) -> Result<proto::ListPaymentsResponse, Refusal> {
    let mut list = parse(request)?;
    let order = list.order_id.map(|order| order.to_string()).unwrap_or_default();
    let query = format!("ListPayments|{}|{order}", list.merchant_id);
    let cursor = page::open(tokens, &query, &request.page_token)?;
    list.after = cursor.map(|cursor| cursor_of(&cursor)).transpose()?;
    let mut reader = payments.database().read().await?;
    let page = queries::list_payments(&mut reader, list).await?;
    let last = page.more_after.map(|payment| *payment.uuid().as_bytes());
    Ok(proto::ListPaymentsResponse {
        payments: page.payments.into_iter().map(show::payment).collect(),
        next_page_token: page::seal(tokens, &query, last.as_ref().map(|bytes| &bytes[..])),
    })
}

fn cursor_of(cursor: &[u8]) -> Result<PaymentId, Refusal> {
    Uuid::from_slice(cursor).map(PaymentId::from_uuid).map_err(|_| page::invalid_token())
}

fn parse(request: &proto::ListPaymentsRequest) -> Result<ListPayments, Refusal> {
    let mut fields = Fields::new();
    let list = ListPayments {
        merchant_id: fields.id("merchant_id", &request.merchant_id),
        order_id: fields.optional_id("order_id", &request.order_id),
        after: None,
        page_size: page::page_size(&mut fields, request.page_size),
    };
    fields.finish(list)
}
