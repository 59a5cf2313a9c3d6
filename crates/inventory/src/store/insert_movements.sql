-- Explains every change of a counter.
INSERT INTO inventory.movements
    (id, merchant_id, sku_id, location, kind, on_hand_delta, reserved_delta, on_hand_after, reserved_after, owner_id,
     owner_kind, reason, actor, created_time)
SELECT m.id, m.merchant_id, m.sku_id, m.location, m.kind, m.on_hand_delta, m.reserved_delta, m.on_hand_after,
    m.reserved_after, m.owner_id, m.owner_kind, m.reason, m.actor, $14::timestamptz
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[],
    $9::bigint[], $10::uuid[], $11::text[], $12::text[], $13::text[])
    AS m (id, merchant_id, sku_id, location, kind, on_hand_delta, reserved_delta, on_hand_after, reserved_after,
          owner_id, owner_kind, reason, actor)
