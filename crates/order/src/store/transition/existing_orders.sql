-- Which of these orders exist, locked or not.
SELECT o.id AS order_id, o.merchant_id
FROM unnest($1::uuid[], $2::uuid[]) AS c (merchant_id, id)
JOIN orders.orders o ON o.id = c.id AND o.merchant_id = c.merchant_id
WHERE o.merchant_id = ANY ($1::uuid[])
