-- Reservations whose time is over, oldest first: the work of the expiry worker.
SELECT e.reservation_id, e.merchant_id
FROM inventory.reservation_expiries e
WHERE e.expires_at <= $1::timestamptz
ORDER BY e.expires_at
LIMIT $2::bigint
