//! `LookupPayment`.

use contract::purser::payment::v1 as proto;
use kernel::{MerchantId, Refusal};
use platform::grpc::Fields;

use super::show;
use crate::payments::Payments;
use crate::queries::{self, By};

const REFERENCE_CHARS_MAX: usize = 200;

pub(super) async fn call(
    payments: &Payments,
    request: &proto::LookupPaymentRequest,
) -> Result<proto::LookupPaymentResponse, Refusal> {
    let (merchant, by) = parse(request)?;
    let mut reader = payments.database().read().await?;
    let (payment, operation) =
        queries::lookup_payment(&mut reader, merchant, payments.provider_name(), &by).await?;
    Ok(proto::LookupPaymentResponse {
        payment: Some(show::payment(payment)),
        operation_id: operation.to_string(),
    })
}

fn parse(request: &proto::LookupPaymentRequest) -> Result<(MerchantId, By), Refusal> {
    use proto::lookup_payment_request::By as Asked;
    let mut fields = Fields::new();
    let merchant = fields.id("merchant_id", &request.merchant_id);
    let by = match &request.by {
        Some(Asked::IdempotencyKey(key)) => Some(By::Key(fields.key(key))),
        Some(Asked::ProviderReference(reference)) => Some(By::ProviderReference(fields.reference(
            "provider_reference",
            reference,
            1..=REFERENCE_CHARS_MAX,
        ))),
        None => {
            fields.violation("by", "is required: idempotency_key or provider_reference");
            None
        }
    };
    let (merchant, by) = fields.finish((merchant, by))?;
    Ok((merchant, by.expect("an absent one is a violation")))
}
