//! Every constraint of the schema `payments`, and what its violation means. Whatever a request can cause is decided before a
//! statement is sent, so a violation is the last line of defence: the domain's word for it where it has one, a defect
//! otherwise. A test holds this list against the migrated schema.

use kernel::Reason;

/// Constraint and reason, in the order of their names.
pub const CONSTRAINTS: &[(&str, Reason)] = &[
    ("in_flight_attempts", Reason::Internal),
    ("in_flight_pk", Reason::Internal),
    ("operations_amount", Reason::Internal),
    ("operations_ended", Reason::Internal),
    ("operations_kind", Reason::Internal),
    ("operations_payment_fk", Reason::Internal),
    ("operations_pk", Reason::Internal),
    ("operations_state", Reason::Internal),
    ("payments_amount", Reason::Internal),
    ("payments_capture_limit", Reason::AmountExceedsCapturable),
    ("payments_currency", Reason::Internal),
    ("payments_not_negative", Reason::Internal),
    ("payments_pk", Reason::Internal),
    ("payments_refund_limit", Reason::Internal),
    ("payments_state", Reason::Internal),
    ("provider_references_pk", Reason::PaymentUnderReview),
];
