-- Claims a provider's references; those that come back are ours now, the others belong to somebody already.
INSERT INTO payments.provider_references (merchant_id, provider, provider_reference, operation_id, payment_id)
SELECT c.merchant_id, $2::text, c.provider_reference, c.operation_id, c.payment_id
FROM unnest($1::uuid[], $3::text[], $4::uuid[], $5::uuid[])
    AS c (merchant_id, provider_reference, operation_id, payment_id)
ON CONFLICT DO NOTHING
RETURNING merchant_id, provider_reference, operation_id
