//! `CapturePayment`.

use contract::purser::payment::v1 as proto;
use kernel::Refusal;
use platform::group_commit::Deadline;
use platform::grpc::Fields;

use super::show;
use crate::commands::capture::CaptureRequest;
use crate::domain::method_token;
use crate::payments::Payments;

pub(super) async fn call(
    payments: &Payments,
    request: &proto::CapturePaymentRequest,
    actor: String,
    deadline: Deadline,
) -> Result<proto::CapturePaymentResponse, Refusal> {
    let request = parse(request, actor)?;
    let captured = payments.capture(request, deadline).await?;
    Ok(proto::CapturePaymentResponse {
        payment: Some(show::payment(captured.payment)),
        operation_id: captured.operation_id.to_string(),
        replayed: captured.replayed,
    })
}

fn parse(request: &proto::CapturePaymentRequest, actor: String) -> Result<CaptureRequest, Refusal> {
    let mut fields = Fields::new();
    let capture = CaptureRequest {
        merchant_id: fields.id("merchant_id", &request.merchant_id),
        key: fields.key(&request.idempotency_key),
        payment_id: fields.id("payment_id", &request.payment_id),
        method_token: request.method_token.clone(),
        actor,
    };
    if let Some(description) = method_token::violation(&request.method_token) {
        fields.violation("method_token", description);
    }
    fields.finish(capture)
}
