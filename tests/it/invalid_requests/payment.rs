//! Requests of payments.

use contract::purser::payment::v1::*;

use super::{Case, case};

pub fn cases() -> Vec<Case> {
    use lookup_payment_request::By;
    let lookup = |by: Option<By>| LookupPaymentRequest { by, ..Default::default() };
    vec![
        case(
            "PaymentService/CapturePayment",
            CapturePaymentRequest { payment_id: "ord_1".into(), ..Default::default() },
            &["merchant_id", "idempotency_key", "payment_id", "method_token"],
        ),
        case("PaymentService/GetPayment", GetPaymentRequest::default(), &["merchant_id", "payment_id"]),
        case("PaymentService/LookupPayment", lookup(None), &["merchant_id", "by"]),
        case(
            "PaymentService/LookupPayment",
            lookup(Some(By::IdempotencyKey("short".into()))),
            &["merchant_id", "idempotency_key"],
        ),
        case(
            "PaymentService/LookupPayment",
            lookup(Some(By::ProviderReference(String::new()))),
            &["merchant_id", "provider_reference"],
        ),
        case(
            "PaymentService/ListPayments",
            ListPaymentsRequest { order_id: "pay_1".into(), page_size: -1, ..Default::default() },
            &["merchant_id", "order_id", "page_size"],
        ),
    ]
}
