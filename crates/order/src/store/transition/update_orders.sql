-- Writes the final row of each order of a batch. The old number guards it: nobody else changed the order meanwhile.
UPDATE orders.orders o
SET seq = c.seq, state = c.state, captured = c.captured, expires_at = c.expires_at, updated_time = $8::timestamptz
FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[], $5::text[], $6::bigint[], $7::timestamptz[])
    AS c (merchant_id, id, old_seq, seq, state, captured, expires_at)
WHERE o.id = c.id AND o.merchant_id = c.merchant_id AND o.seq = c.old_seq AND o.merchant_id = ANY ($1::uuid[])
