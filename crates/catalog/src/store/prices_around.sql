-- The intervals around a moment: for each SKU and currency the newest that has begun, and when the next begins.
SELECT w.position, b.start_time, b.end_time, b.unit_price, n.start_time AS next_start
FROM unnest($2::uuid[], $3::text[]) WITH ORDINALITY AS w (sku_id, currency, position)
LEFT JOIN LATERAL (
    SELECT p.start_time, p.end_time, p.unit_price FROM catalog.prices p
    WHERE p.merchant_id = $1::uuid AND p.sku_id = w.sku_id AND p.currency = w.currency
        AND p.start_time <= $4::timestamptz
    ORDER BY p.start_time DESC
    LIMIT 1
) b ON true
LEFT JOIN LATERAL (
    SELECT p.start_time FROM catalog.prices p
    WHERE p.merchant_id = $1::uuid AND p.sku_id = w.sku_id AND p.currency = w.currency
        AND p.start_time > $4::timestamptz
    ORDER BY p.start_time
    LIMIT 1
) n ON true
