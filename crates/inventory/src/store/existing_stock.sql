-- Which of these stock rows exist, locked or not: what a lock that skips left out is told apart from what is not there.
SELECT s.sku_id, s.location, s.merchant_id
FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS k (sku_id, location, merchant_id)
JOIN inventory.stock s ON s.sku_id = k.sku_id AND s.location = k.location AND s.merchant_id = k.merchant_id
WHERE s.merchant_id = ANY ($3::uuid[])
