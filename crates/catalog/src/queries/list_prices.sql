-- A SKU's intervals, newest first, from the one before a cursor on.
SELECT p.currency, p.unit_price, p.start_time, p.end_time FROM catalog.prices p
WHERE p.merchant_id = $1::uuid AND p.sku_id = $2::uuid
    AND ($3::timestamptz IS NULL OR (p.start_time, p.currency) < ($3::timestamptz, $4::text))
ORDER BY p.start_time DESC, p.currency DESC
LIMIT $5::bigint
