-- SKUs in the order asked, each with its prices in force, one per currency.
SELECT w.position, s.id, d.code, d.product_id, d.display_name, d.tracks_stock, d.active, s.created_time, d.updated_time,
    ARRAY(
        SELECT p.currency FROM catalog.prices p
        WHERE p.merchant_id = s.merchant_id AND p.sku_id = s.id
            AND tstzrange(p.start_time, p.end_time) @> $3::timestamptz
        ORDER BY p.currency
    ) AS currencies,
    ARRAY(
        SELECT p.unit_price FROM catalog.prices p
        WHERE p.merchant_id = s.merchant_id AND p.sku_id = s.id
            AND tstzrange(p.start_time, p.end_time) @> $3::timestamptz
        ORDER BY p.currency
    ) AS unit_prices
FROM unnest($2::uuid[]) WITH ORDINALITY AS w (id, position)
JOIN catalog.skus s ON s.id = w.id AND s.merchant_id = $1::uuid
JOIN catalog.sku_details d ON d.sku_id = s.id AND d.merchant_id = s.merchant_id
ORDER BY w.position
