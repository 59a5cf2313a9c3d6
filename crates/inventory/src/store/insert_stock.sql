-- Stock rows of locations that receive for the first time, with zeros; those that exist are left as they are.
INSERT INTO inventory.stock (sku_id, location, merchant_id, on_hand, reserved, updated_time)
SELECT k.sku_id, k.location, k.merchant_id, 0, 0, $4::timestamptz
FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS k (sku_id, location, merchant_id)
ORDER BY k.sku_id, k.location, k.merchant_id
ON CONFLICT DO NOTHING
