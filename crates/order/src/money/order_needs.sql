-- What the lines of orders need of each stock row, with the end of the orders' holds.
SELECT l.order_id, l.merchant_id, l.sku_id, l.location, min(l.sku_code) AS sku_code, sum(l.quantity)::bigint AS quantity,
       o.expires_at
FROM unnest($1::uuid[], $2::uuid[]) AS c (merchant_id, id)
JOIN orders.orders o ON o.id = c.id AND o.merchant_id = c.merchant_id
JOIN orders.lines l ON l.order_id = c.id AND l.merchant_id = c.merchant_id
WHERE l.location <> '' AND o.merchant_id = ANY ($1::uuid[]) AND l.merchant_id = ANY ($1::uuid[])
GROUP BY l.order_id, l.merchant_id, l.sku_id, l.location, o.expires_at
ORDER BY l.order_id
