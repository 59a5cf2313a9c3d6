-- Reservations whose time is over, oldest first: the work of the expiry worker.
SELECT e.reservation_id, e.merchant_id, jsonb_array_length(r.lines) AS lines
FROM inventory.reservation_expiries e
JOIN inventory.reservations r ON r.id = e.reservation_id AND r.merchant_id = e.merchant_id
WHERE e.expires_at <= $1::timestamptz
ORDER BY e.expires_at
LIMIT $2::bigint
