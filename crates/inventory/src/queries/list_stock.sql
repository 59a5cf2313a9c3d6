-- One page of a merchant's stock, by SKU and location, after the last row of the page before.
SELECT s.sku_id, s.location, s.merchant_id, s.on_hand, s.reserved, s.safety, s.shortfall, s.updated_time
FROM inventory.stock s
WHERE s.merchant_id = $1::uuid AND (s.sku_id, s.location) > ($2::uuid, $3::text)
    AND ($4::text IS NULL OR s.location = $4::text)
ORDER BY s.sku_id, s.location
LIMIT $5::bigint
