//! Ids of one order's family share its 48-bit time prefix, so a range over it reads one month only.

use uuid::Uuid;

/// The smallest and the largest id with the time prefix of `id`.
pub(crate) fn range(id: Uuid) -> (Uuid, Uuid) {
    let (mut least, mut most) = (*id.as_bytes(), *id.as_bytes());
    least[6..].fill(0);
    most[6..].fill(0xff);
    (Uuid::from_bytes(least), Uuid::from_bytes(most))
}

#[cfg(test)]
mod tests {
    use kernel::OrderId;
    use kernel::id::PaymentId;

    #[test]
    fn the_range_of_an_order_holds_its_payments_and_no_later_ones() {
        let order = OrderId::mint(kernel::Timestamp::UNIX_EPOCH + time::Duration::days(20_000));
        let (least, most) = super::range(order.uuid());
        let within = |id: PaymentId| (least..=most).contains(&id.uuid());
        assert!(within(PaymentId::mint_beside(order)));
        let later =
            kernel::Timestamp::UNIX_EPOCH + time::Duration::days(20_000) + time::Duration::milliseconds(1);
        assert!(!within(PaymentId::mint(later)));
    }
}
