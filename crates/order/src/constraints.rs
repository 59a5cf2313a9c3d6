//! Every constraint of the schema `orders`, and what its violation means. Whatever a request can cause is decided before a
//! statement is sent, so a violation is the last line of defence: the domain's word for it where it has one, a defect
//! otherwise. A test holds this list against the migrated schema.

use kernel::Reason;

/// Constraint and reason, in the order of their names.
pub const CONSTRAINTS: &[(&str, Reason)] = &[
    ("addresses_country", Reason::Internal),
    ("addresses_lines", Reason::Internal),
    ("addresses_order_fk", Reason::Internal),
    ("addresses_pk", Reason::Internal),
    ("client_references_pk", Reason::ClientReferenceTaken),
    ("expiry_queue_pk", Reason::Internal),
    ("fulfilment_queue_pk", Reason::Internal),
    ("history_cancel_reason", Reason::Internal),
    ("history_order_fk", Reason::Internal),
    ("history_pk", Reason::Internal),
    ("history_transition", Reason::IllegalTransition),
    ("lines_number", Reason::Internal),
    ("lines_order_fk", Reason::Internal),
    ("lines_pk", Reason::Internal),
    ("lines_price", Reason::Internal),
    ("lines_quantity", Reason::Internal),
    ("lines_sku_fk", Reason::SkuNotFound),
    ("lines_sku_price_key", Reason::Internal),
    ("lines_total", Reason::Internal),
    ("orders_counts", Reason::Internal),
    ("orders_currency", Reason::Internal),
    ("orders_customer_length", Reason::Internal),
    ("orders_expiry", Reason::Internal),
    ("orders_merchant_fk", Reason::MerchantNotFound),
    ("orders_not_negative", Reason::Internal),
    ("orders_pk", Reason::Internal),
    ("orders_reference_length", Reason::Internal),
    ("orders_refunded", Reason::Internal),
    ("orders_state", Reason::Internal),
    ("orders_total", Reason::Internal),
    ("shipment_lines_line_fk", Reason::Internal),
    ("shipment_lines_pk", Reason::Internal),
    ("shipment_lines_quantity", Reason::Internal),
    ("shipment_lines_shipment_fk", Reason::Internal),
    ("shipments_order_fk", Reason::Internal),
    ("shipments_pk", Reason::Internal),
    ("tracking_numbers_pk", Reason::TrackingNumberTaken),
];
