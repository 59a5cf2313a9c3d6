-- How many lines orders have, so that an answer stays within its bound.
SELECT o.id, o.line_count
FROM orders.orders o
WHERE o.id = ANY ($1::uuid[]) AND o.merchant_id = $2::uuid
