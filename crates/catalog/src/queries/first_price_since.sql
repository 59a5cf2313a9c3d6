-- The first interval of a price that begins at a moment or later.
SELECT p.currency, p.unit_price, p.start_time, p.end_time FROM catalog.prices p
WHERE p.merchant_id = $1::uuid AND p.sku_id = $2::uuid AND p.currency = $3::text AND p.start_time >= $4::timestamptz
    AND p.unit_price = $5::bigint
ORDER BY p.start_time
LIMIT 1
