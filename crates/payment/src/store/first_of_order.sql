-- The payment that an order was placed with.
SELECT p.id
FROM payments.payments p
WHERE p.order_id = $1::uuid AND p.merchant_id = $2::uuid AND p.id >= $3::uuid AND p.id <= $4::uuid
ORDER BY p.created_time, p.id
LIMIT 1
