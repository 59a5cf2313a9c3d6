-- The rows of orders that this transaction has locked before.
SELECT o.id AS order_id, o.merchant_id, o.state, o.seq, o.total, o.captured, o.refunded, o.expires_at
FROM unnest($1::uuid[], $2::uuid[]) AS c (merchant_id, id)
JOIN orders.orders o ON o.id = c.id AND o.merchant_id = c.merchant_id
WHERE o.merchant_id = ANY ($1::uuid[])
