-- Changed attributes of SKUs that are there already. The code and the tracking of stock stay as they were first given.
UPDATE catalog.sku_details d
SET product_id = s.product_id, display_name = s.display_name, active = s.active, updated_time = $6::timestamptz
FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::bool[]) AS s (sku_id, product_id, display_name, active)
WHERE d.sku_id = s.sku_id AND d.merchant_id = $1::uuid
