//! A capture to ask for.

use std::time::Duration;

use kernel::id::{OperationId, PaymentId};
use kernel::{Currency, MerchantId, Money, OrderId, Timestamp};
use payment::provider::CaptureRequest;
use payment::provider::stripe::{Config, Stripe};

pub fn stripe(base_url: &str) -> Stripe {
    let secret = "sk_test_1".to_owned();
    let connect_timeout = Duration::from_secs(5);
    Stripe::new(&Config { base_url: base_url.to_owned(), secret, connect_timeout }).unwrap()
}

pub fn pounds(minor: i64) -> Money {
    Money::new(Currency::parse("GBP").unwrap(), minor)
}

/// 12.34 GBP with this card, as a request of its own.
pub fn capture(card: &str) -> CaptureRequest {
    let now = Timestamp::UNIX_EPOCH + time::Duration::days(20_000);
    let order_id = OrderId::mint(now);
    let operation_id = OperationId::mint_beside(order_id);
    CaptureRequest {
        provider_key: format!("key-of-{operation_id}"),
        amount: pounds(1_234),
        method_token: card.to_owned(),
        merchant_id: MerchantId::mint(now),
        order_id,
        payment_id: PaymentId::mint_beside(order_id),
        operation_id,
        deadline: Duration::from_secs(30),
    }
}
