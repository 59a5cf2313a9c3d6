-- Writes the final counters of locked rows, one source row for each; the guard is the number of its last change.
UPDATE inventory.stock s
SET on_hand = c.on_hand, reserved = c.reserved, safety = c.safety, shortfall = c.shortfall, seq = c.seq + 1,
    updated_time = $9::timestamptz
FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[])
    AS c (sku_id, location, merchant_id, on_hand, reserved, safety, shortfall, seq)
WHERE s.sku_id = c.sku_id AND s.location = c.location AND s.merchant_id = c.merchant_id AND s.seq = c.seq
    AND s.merchant_id = ANY ($3::uuid[])
