-- One row per transition.
INSERT INTO orders.history (order_id, seq, merchant_id, from_state, to_state, actor, reason, cause_id, created_time)
SELECT h.order_id, h.seq, h.merchant_id, h.from_state, h.to_state, h.actor, h.reason, h.cause_id, $9::timestamptz
FROM unnest($1::uuid[], $2::int[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[])
    AS h (order_id, seq, merchant_id, from_state, to_state, actor, reason, cause_id)
