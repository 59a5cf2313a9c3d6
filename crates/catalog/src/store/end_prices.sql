-- Ends the intervals in force where new ones begin.
UPDATE catalog.prices p
SET end_time = $5::timestamptz
FROM unnest($2::uuid[], $3::text[], $4::timestamptz[]) AS e (sku_id, currency, start_time)
WHERE p.merchant_id = $1::uuid AND p.sku_id = e.sku_id AND p.currency = e.currency AND p.start_time = e.start_time
