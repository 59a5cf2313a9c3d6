-- All payments of orders, locked or not; the id range keeps each search within the order's month.
SELECT p.id, p.merchant_id, p.order_id, p.state, p.captured, p.seq
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[]) AS c (order_id, merchant_id, least, most)
JOIN payments.payments p ON p.order_id = c.order_id AND p.merchant_id = c.merchant_id
    AND p.id >= c.least AND p.id <= c.most
WHERE p.merchant_id = ANY ($2::uuid[])
ORDER BY p.id, p.merchant_id
