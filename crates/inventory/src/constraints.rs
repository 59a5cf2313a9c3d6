//! Every constraint of the schema `inventory`, and what its violation means. Whatever a request can cause is decided before a
//! statement is sent, so a violation is the last line of defence: the domain's word for it where it has one, a defect
//! otherwise. A test holds this list against the migrated schema.

use kernel::Reason;

/// Constraint and reason, in the order of their names.
pub const CONSTRAINTS: &[(&str, Reason)] = &[
    ("holds_owner_kind", Reason::Internal),
    ("holds_pk", Reason::Internal),
    ("holds_quantity", Reason::Internal),
    ("movements_kind", Reason::Internal),
    ("movements_owner", Reason::Internal),
    ("movements_owner_kind", Reason::Internal),
    ("movements_pk", Reason::Internal),
    ("movements_reason", Reason::Internal),
    ("reservation_expiries_pk", Reason::Internal),
    ("reservations_ended", Reason::Internal),
    ("reservations_pk", Reason::Internal),
    ("reservations_state", Reason::Internal),
    ("stock_location", Reason::Internal),
    ("stock_no_oversell", Reason::InsufficientStock),
    ("stock_not_negative", Reason::Internal),
    ("stock_pk", Reason::Internal),
    ("stock_sku_fk", Reason::SkuNotFound),
];
