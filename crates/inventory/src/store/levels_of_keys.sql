-- Stock rows as they stand, for the answers of a batch.
SELECT s.sku_id, s.location, s.merchant_id, s.on_hand, s.reserved, s.safety, s.shortfall, s.updated_time
FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS k (sku_id, location, merchant_id)
JOIN inventory.stock s ON s.sku_id = k.sku_id AND s.location = k.location AND s.merchant_id = k.merchant_id
WHERE s.merchant_id = ANY ($3::uuid[])
