-- The stock of SKUs at all their locations.
SELECT s.sku_id, s.location, s.merchant_id, s.on_hand, s.reserved, s.safety, s.shortfall, s.updated_time
FROM inventory.stock s
WHERE s.merchant_id = $1::uuid AND s.sku_id = ANY ($2::uuid[])
ORDER BY s.sku_id, s.location
