-- Records new promises.
INSERT INTO inventory.holds (owner_id, owner_kind, sku_id, location, merchant_id, quantity, expires_at)
SELECT h.owner_id, h.owner_kind, h.sku_id, h.location, h.merchant_id, h.quantity, h.expires_at
FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::uuid[], $6::bigint[], $7::timestamptz[])
    AS h (owner_id, owner_kind, sku_id, location, merchant_id, quantity, expires_at)
