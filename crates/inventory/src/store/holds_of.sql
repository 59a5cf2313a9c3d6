-- The open holds of owners.
SELECT h.owner_id, h.owner_kind, h.sku_id, h.location, h.merchant_id, h.quantity, h.expires_at, h.pinned
FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS o (owner_id, owner_kind, merchant_id)
JOIN inventory.holds h
    ON h.owner_id = o.owner_id AND h.owner_kind = o.owner_kind AND h.merchant_id = o.merchant_id
WHERE h.merchant_id = ANY ($3::uuid[])
ORDER BY h.owner_id, h.sku_id, h.location, h.merchant_id
