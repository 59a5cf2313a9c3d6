-- Queues PENDING orders for the end of their hold.
INSERT INTO orders.expiry_queue (merchant_id, order_id, expires_at)
SELECT q.merchant_id, q.order_id, q.expires_at
FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS q (merchant_id, order_id, expires_at)
