-- Puts new reservations into the queue of the expiry worker.
INSERT INTO inventory.reservation_expiries (reservation_id, merchant_id, expires_at)
SELECT e.reservation_id, e.merchant_id, e.expires_at
FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS e (reservation_id, merchant_id, expires_at)
