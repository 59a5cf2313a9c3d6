-- The operation that a provider's reference belongs to.
SELECT r.operation_id, r.payment_id
FROM payments.provider_references r
WHERE r.merchant_id = $1::uuid AND r.provider = $2::text AND r.provider_reference = $3::text
