-- New intervals, all from one moment on.
INSERT INTO catalog.prices (merchant_id, sku_id, currency, start_time, end_time, unit_price)
SELECT $1::uuid, n.sku_id, n.currency, $2::timestamptz, n.end_time, n.unit_price
FROM unnest($3::uuid[], $4::text[], $5::timestamptz[], $6::bigint[]) AS n (sku_id, currency, end_time, unit_price)
