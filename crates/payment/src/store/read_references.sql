-- Whose a provider's references are.
SELECT r.merchant_id, r.provider_reference, r.operation_id
FROM unnest($1::uuid[], $3::text[]) AS c (merchant_id, provider_reference)
JOIN payments.provider_references r ON r.merchant_id = c.merchant_id AND r.provider = $2::text
    AND r.provider_reference = c.provider_reference
WHERE r.merchant_id = ANY ($1::uuid[])
