-- PENDING orders whose hold is over, oldest first, behind the ones already looked at.
SELECT q.merchant_id, q.order_id, q.expires_at
FROM orders.expiry_queue q
WHERE q.expires_at <= $1::timestamptz AND (q.expires_at, q.order_id) > ($2::timestamptz, $3::uuid)
ORDER BY q.expires_at, q.order_id
LIMIT $4::bigint
