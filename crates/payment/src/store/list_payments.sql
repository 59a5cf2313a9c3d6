-- A merchant's payments, newest orders first, below a cursor.
SELECT p.id, p.merchant_id, p.order_id, p.state, p.currency, p.amount, p.captured, p.refunded, p.provider, p.created_time,
    p.updated_time
FROM payments.payments p
WHERE p.merchant_id = $1::uuid AND p.id < $2::uuid
ORDER BY p.id DESC
LIMIT $3::bigint
