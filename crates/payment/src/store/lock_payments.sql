-- Locks payments with all their amounts.
SELECT p.id, p.merchant_id, p.order_id, p.state, p.currency, p.amount, p.limit_minor, p.capture_pending, p.captured,
    p.voided, p.refund_pending, p.refunded, p.excess_minor, p.provider, p.seq, p.created_time
FROM unnest($1::uuid[], $2::uuid[]) AS c (id, merchant_id)
JOIN payments.payments p ON p.id = c.id AND p.merchant_id = c.merchant_id
WHERE p.merchant_id = ANY ($2::uuid[])
ORDER BY p.id, p.merchant_id
FOR NO KEY UPDATE OF p
