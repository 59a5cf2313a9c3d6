//! Every constraint of the schema `platform`, and what its violation means. Whatever a request can cause is decided before a
//! statement is sent, so a violation is the last line of defence: the domain's word for it where it has one, a defect
//! otherwise. A test holds this list against the migrated schema.

use kernel::Reason;

/// Constraint and reason, in the order of their names.
pub const CONSTRAINTS: &[(&str, Reason)] = &[
    ("events_pk", Reason::Internal),
    ("events_seq", Reason::Internal),
    ("idempotency_fingerprint_length", Reason::Internal),
    ("idempotency_key_length", Reason::Internal),
    ("idempotency_outcome", Reason::Internal),
    ("idempotency_pk", Reason::IdempotencyInProgress),
    ("idempotency_refusal", Reason::Internal),
    ("monthly_tables_fillfactor", Reason::Internal),
    ("monthly_tables_pk", Reason::Internal),
    ("secrets_pk", Reason::Internal),
];
