-- Operations whose outcome is not known yet, of orders.
SELECT f.order_id, f.merchant_id, f.payment_id, f.operation_id
FROM unnest($1::uuid[], $2::uuid[]) AS c (order_id, merchant_id)
JOIN payments.in_flight f ON f.order_id = c.order_id AND f.merchant_id = c.merchant_id
WHERE f.merchant_id = ANY ($2::uuid[])
