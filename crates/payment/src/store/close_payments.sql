-- Gives up payments of which nothing was taken and nothing is being taken.
UPDATE payments.payments p
SET state = $4::text, seq = p.seq + 1, updated_time = $5::timestamptz
FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS c (id, merchant_id, seq)
WHERE p.id = c.id AND p.merchant_id = c.merchant_id AND p.seq = c.seq
    AND p.captured = 0 AND p.capture_pending = 0
    AND p.merchant_id = ANY ($2::uuid[])
