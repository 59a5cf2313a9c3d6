-- Locks operations whose outcome is being applied.
SELECT o.id, o.merchant_id, o.payment_id, o.order_id, o.kind, o.state, o.amount, o.currency, o.provider_reference,
    o.failure_reason, o.failure_category, o.key_scope, o.key, o.actor, o.created_time, o.ended_time
FROM unnest($1::uuid[], $2::uuid[]) AS c (id, merchant_id)
JOIN payments.operations o ON o.id = c.id AND o.merchant_id = c.merchant_id
WHERE o.merchant_id = ANY ($2::uuid[])
ORDER BY o.id, o.merchant_id
FOR NO KEY UPDATE OF o
