-- Appends events; the transaction's id is the column's default.
INSERT INTO platform.events (id, merchant_id, subject_id, seq, type, payload, created_time)
SELECT e.id, e.merchant_id, e.subject_id, e.seq, e.type, e.payload, $7::timestamptz
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::text[], $6::jsonb[])
    AS e (id, merchant_id, subject_id, seq, type, payload)
