-- Ends reservations that were held when they were locked.
UPDATE inventory.reservations r SET state = c.state, ended_time = $4::timestamptz
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS c (id, merchant_id, state)
WHERE r.id = c.id AND r.merchant_id = c.merchant_id AND r.state = 'HELD' AND r.merchant_id = ANY ($2::uuid[])
