-- A reservation.
SELECT r.id, r.merchant_id, r.state, r.lines, r.created_time, r.expires_at, r.ended_time
FROM inventory.reservations r
WHERE r.id = $1::uuid AND r.merchant_id = $2::uuid
