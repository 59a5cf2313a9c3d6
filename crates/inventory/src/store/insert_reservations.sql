-- Records new reservations.
INSERT INTO inventory.reservations (id, merchant_id, state, lines, created_time, expires_at)
SELECT r.id, r.merchant_id, 'HELD', r.lines, $5::timestamptz, r.expires_at
FROM unnest($1::uuid[], $2::uuid[], $3::jsonb[], $4::timestamptz[]) AS r (id, merchant_id, lines, expires_at)
