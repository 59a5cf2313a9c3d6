-- New SKUs' attributes.
INSERT INTO catalog.sku_details (sku_id, merchant_id, code, product_id, display_name, tracks_stock, active, updated_time)
SELECT s.sku_id, $1::uuid, s.code, s.product_id, s.display_name, s.tracks_stock, s.active, $8::timestamptz
FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::bool[], $7::bool[])
    AS s (sku_id, code, product_id, display_name, tracks_stock, active)
