-- Writes the amounts that the fold has decided on, once per payment.
UPDATE payments.payments p
SET state = c.state, capture_pending = c.capture_pending, captured = c.captured, refund_pending = c.refund_pending,
    excess_minor = c.excess_minor, seq = p.seq + 1, updated_time = $9::timestamptz
FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[])
    AS c (id, merchant_id, seq, state, capture_pending, captured, refund_pending, excess_minor)
WHERE p.id = c.id AND p.merchant_id = c.merchant_id AND p.seq = c.seq
    AND p.merchant_id = ANY ($2::uuid[])
