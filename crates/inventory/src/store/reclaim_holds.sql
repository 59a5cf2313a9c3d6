-- Ends overdue holds of short stock rows, oldest first; those that are pinned, or that a pin holds right now, are left
-- alone. Found and deleted in one statement, so that nothing is counted that does not go.
WITH overdue AS (
    SELECT o.owner_id, o.sku_id, o.location, o.merchant_id
    FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS k (sku_id, location, merchant_id)
    CROSS JOIN LATERAL (
        SELECT c.owner_id, c.sku_id, c.location, c.merchant_id
        FROM inventory.holds c
        WHERE c.merchant_id = k.merchant_id AND c.sku_id = k.sku_id AND c.location = k.location
            AND c.merchant_id = ANY ($3::uuid[])
            AND NOT c.pinned AND c.expires_at IS NOT NULL AND c.expires_at <= $4::timestamptz
        ORDER BY c.expires_at, c.owner_id
        LIMIT 64
        FOR NO KEY UPDATE SKIP LOCKED
    ) o
)
DELETE FROM inventory.holds h USING overdue o
WHERE h.owner_id = o.owner_id AND h.sku_id = o.sku_id AND h.location = o.location AND h.merchant_id = o.merchant_id
    AND h.merchant_id = ANY ($3::uuid[])
RETURNING h.owner_id, h.owner_kind, h.sku_id, h.location, h.merchant_id, h.quantity, h.expires_at, h.pinned
