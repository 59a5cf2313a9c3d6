//! Every constraint of the schema `catalog`, and what its violation means. Whatever a request can cause is decided before a
//! statement is sent, so a violation is the last line of defence: the domain's word for it where it has one, a defect
//! otherwise. A test holds this list against the migrated schema.

use kernel::Reason;

/// Constraint and reason, in the order of their names.
pub const CONSTRAINTS: &[(&str, Reason)] = &[
    ("merchant_details_merchant_fk", Reason::MerchantNotFound),
    ("merchant_details_name_length", Reason::Internal),
    ("merchant_details_pk", Reason::Internal),
    ("merchants_code_key", Reason::MerchantCodeTaken),
    ("merchants_code_length", Reason::Internal),
    ("merchants_pk", Reason::Internal),
    ("prices_currency", Reason::Internal),
    ("prices_interval", Reason::Internal),
    ("prices_no_overlap", Reason::TransactionConflict),
    ("prices_not_negative", Reason::Internal),
    ("prices_pk", Reason::TransactionConflict),
    ("prices_sku_fk", Reason::SkuNotFound),
    ("products_merchant_fk", Reason::MerchantNotFound),
    ("products_name_length", Reason::Internal),
    ("products_pk", Reason::Internal),
    ("sku_details_name_length", Reason::Internal),
    ("sku_details_pk", Reason::Internal),
    ("sku_details_product_fk", Reason::ProductNotFound),
    ("sku_details_sku_fk", Reason::Internal),
    ("skus_code_key", Reason::TransactionConflict),
    ("skus_code_length", Reason::Internal),
    ("skus_merchant_fk", Reason::MerchantNotFound),
    ("skus_pk", Reason::Internal),
];
