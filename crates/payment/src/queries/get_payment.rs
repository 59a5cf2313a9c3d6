//! One payment with its operations.

use kernel::id::PaymentId;
use kernel::{MerchantId, Refusal};
use platform::db::Reader;

use crate::domain::{Payment, refusals};
use crate::store::reads;

/// One payment with its operations, in one statement.
///
/// # Errors
/// `PAYMENT_NOT_FOUND`, or the database's trouble.
pub async fn get_payment(
    reader: &mut Reader,
    merchant: MerchantId,
    payment: PaymentId,
) -> Result<Payment, Refusal> {
    reads::payment(reader, merchant, payment).await?.ok_or_else(|| refusals::not_found(payment))
}
