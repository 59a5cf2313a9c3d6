-- Takes ended reservations out of the queue of the expiry worker.
DELETE FROM inventory.reservation_expiries e USING unnest($1::uuid[], $2::uuid[]) AS c (reservation_id, merchant_id)
WHERE e.reservation_id = c.reservation_id AND e.merchant_id = c.merchant_id AND e.merchant_id = ANY ($2::uuid[])
