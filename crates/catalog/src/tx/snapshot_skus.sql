-- What an order copies of the SKUs it names. Intervals never overlap, so the newest one that has begun is the only one
-- that can hold: one step down the index, however long the history.
SELECT w.position, d.code, d.display_name, d.tracks_stock, d.active, p.unit_price,
    p.unit_price IS NULL AND EXISTS (
        SELECT FROM catalog.prices e
        WHERE e.merchant_id = w.merchant_id AND e.sku_id = w.sku_id AND e.merchant_id = ANY ($1::uuid[])
            AND e.currency <> w.currency AND e.start_time <= $4::timestamptz
            AND (e.end_time IS NULL OR e.end_time > $4::timestamptz)
    ) AS priced_elsewhere
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) WITH ORDINALITY AS w (merchant_id, sku_id, currency, position)
JOIN catalog.sku_details d ON d.sku_id = w.sku_id AND d.merchant_id = w.merchant_id
LEFT JOIN LATERAL (
    SELECT b.unit_price, b.end_time FROM catalog.prices b
    WHERE b.merchant_id = w.merchant_id AND b.sku_id = w.sku_id AND b.currency = w.currency
        AND b.start_time <= $4::timestamptz AND b.merchant_id = ANY ($1::uuid[])
    ORDER BY b.start_time DESC
    LIMIT 1
) p ON p.end_time IS NULL OR p.end_time > $4::timestamptz
WHERE d.merchant_id = ANY ($1::uuid[])
