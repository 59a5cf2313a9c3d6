-- Locks SKUs' attributes, under which their prices change too. Never their identities, which orders and stock refer to.
SELECT d.sku_id, d.product_id, d.display_name, d.tracks_stock, d.active
FROM catalog.sku_details d
WHERE d.merchant_id = $1::uuid AND d.sku_id = ANY ($2::uuid[])
ORDER BY d.sku_id, d.merchant_id
FOR NO KEY UPDATE OF d
