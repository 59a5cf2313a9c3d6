-- One page of a SKU's movements, newest first, before the last row of the page before.
SELECT m.id, m.sku_id, m.location, m.kind, m.on_hand_delta, m.reserved_delta, m.on_hand_after, m.reserved_after,
    m.owner_id, m.owner_kind, m.reason, m.actor, m.created_time
FROM inventory.movements m
WHERE m.merchant_id = $1::uuid AND m.sku_id = $2::uuid AND m.id < $3::uuid
ORDER BY m.id DESC
LIMIT $4::bigint
