//! Payments of a merchant, newest orders first, or those of one order.

use kernel::id::PaymentId;
use kernel::{MerchantId, OrderId, Refusal};
use platform::db::Reader;
use uuid::Uuid;

use crate::domain::Payment;
use crate::store::reads;

/// Which payments.
#[derive(Clone, Copy, Debug)]
pub struct ListPayments {
    /// The merchant.
    pub merchant_id: MerchantId,
    /// Only those of this order.
    pub order_id: Option<OrderId>,
    /// Only those after this one, the last of the page before.
    pub after: Option<PaymentId>,
    /// Rows of a page.
    pub page_size: i64,
}

/// One page, without operations.
#[derive(Clone, Debug)]
pub struct Page {
    /// The payments.
    pub payments: Vec<Payment>,
    /// The last payment of this page, if there are more behind it.
    pub more_after: Option<PaymentId>,
}

/// One page of payments. A payment id carries its order's time, so its order is the orders' order.
///
/// # Errors
/// The database's trouble.
pub async fn list_payments(reader: &mut Reader, list: ListPayments) -> Result<Page, Refusal> {
    let below = list.after.map_or_else(Uuid::max, PaymentId::uuid);
    // One row more tells whether there is another page.
    let mut payments =
        reads::list(reader, list.merchant_id, list.order_id, below, list.page_size.saturating_add(1)).await?;
    let page_size = usize::try_from(list.page_size).unwrap_or_default();
    let more = payments.len() > page_size;
    payments.truncate(page_size);
    let more_after = payments.last().filter(|_| more).map(|payment| payment.payment_id);
    Ok(Page { payments, more_after })
}
