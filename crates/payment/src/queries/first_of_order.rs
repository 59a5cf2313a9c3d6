//! The payment that an order was placed with.

use kernel::id::PaymentId;
use kernel::{MerchantId, OrderId};
use platform::db::{DbError, Reader};

use crate::store::reads;

/// The payment that an order was placed with; none for an order that costs nothing.
///
/// # Errors
/// As [`Reader::query`].
pub async fn first_of_order(
    reader: &mut Reader,
    merchant: MerchantId,
    order: OrderId,
) -> Result<Option<PaymentId>, DbError> {
    reads::first_of_order(reader, merchant, order).await
}
