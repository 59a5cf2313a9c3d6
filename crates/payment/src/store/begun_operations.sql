-- Operations that an earlier run of the same requests has begun.
SELECT o.id, o.merchant_id, o.payment_id, o.order_id, o.amount, o.currency, o.provider_key, o.method_token, o.created_time
FROM unnest($1::uuid[], $2::uuid[]) AS c (id, merchant_id)
JOIN payments.operations o ON o.id = c.id AND o.merchant_id = c.merchant_id
WHERE o.merchant_id = ANY ($2::uuid[])
