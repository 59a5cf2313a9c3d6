-- Orders that are no longer PENDING.
DELETE FROM orders.expiry_queue q
USING unnest($1::uuid[], $2::uuid[]) AS c (merchant_id, order_id)
WHERE q.merchant_id = c.merchant_id AND q.order_id = c.order_id AND q.merchant_id = ANY ($1::uuid[])
