-- Locks reservations in the order of their primary key.
SELECT r.id, r.merchant_id, r.state, r.lines, r.created_time, r.expires_at, r.ended_time
FROM unnest($1::uuid[], $2::uuid[]) AS c (id, merchant_id)
JOIN inventory.reservations r ON r.id = c.id AND r.merchant_id = c.merchant_id
WHERE r.merchant_id = ANY ($2::uuid[])
ORDER BY r.id, r.merchant_id
FOR NO KEY UPDATE OF r
