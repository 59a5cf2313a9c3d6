-- Ends single holds; what comes back is what the counters move by. Locked in the order of their primary key.
WITH mine AS (
    SELECT h.owner_id, h.sku_id, h.location, h.merchant_id
    FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::text[])
        AS o (owner_id, owner_kind, merchant_id, sku_id, location)
    JOIN inventory.holds h
        ON h.owner_id = o.owner_id AND h.sku_id = o.sku_id AND h.location = o.location
            AND h.merchant_id = o.merchant_id AND h.owner_kind = o.owner_kind
    WHERE h.merchant_id = ANY ($3::uuid[])
    ORDER BY h.owner_id, h.sku_id, h.location, h.merchant_id
    FOR NO KEY UPDATE OF h
)
DELETE FROM inventory.holds h USING mine m
WHERE h.owner_id = m.owner_id AND h.sku_id = m.sku_id AND h.location = m.location AND h.merchant_id = m.merchant_id
    AND h.merchant_id = ANY ($3::uuid[])
RETURNING h.owner_id, h.owner_kind, h.sku_id, h.location, h.merchant_id, h.quantity, h.expires_at, h.pinned
