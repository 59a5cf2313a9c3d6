//! `GetPayment`.

use contract::purser::payment::v1 as proto;
use kernel::Refusal;
use platform::grpc::Fields;

use super::show;
use crate::payments::Payments;

pub(super) async fn call(
    payments: &Payments,
    request: &proto::GetPaymentRequest,
) -> Result<proto::GetPaymentResponse, Refusal> {
    let mut fields = Fields::new();
    let merchant = fields.id("merchant_id", &request.merchant_id);
    let payment = fields.id("payment_id", &request.payment_id);
    let (merchant, payment) = fields.finish((merchant, payment))?;
    let payment = payments.get(merchant, payment).await?;
    Ok(proto::GetPaymentResponse { payment: Some(show::payment(payment)) })
}
