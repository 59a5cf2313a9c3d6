-- Locks orders in the order of their primary key. Each is joined on its own merchant: another tenant's order is not found.
SELECT o.id AS order_id, o.merchant_id, o.state, o.seq, o.total, o.captured, o.refunded, o.expires_at
FROM unnest($1::uuid[], $2::uuid[]) AS c (merchant_id, id)
JOIN orders.orders o ON o.id = c.id AND o.merchant_id = c.merchant_id
WHERE o.merchant_id = ANY ($1::uuid[])
ORDER BY o.id, o.merchant_id
FOR NO KEY UPDATE OF o
