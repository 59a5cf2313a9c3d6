-- Locks the leases of operations.
SELECT f.operation_id AS id, f.merchant_id, f.lease_token, f.lease_until, f.next_check_at, f.attempts, f.unexecuted
FROM unnest($1::uuid[], $2::uuid[]) AS c (id, merchant_id)
JOIN payments.in_flight f ON f.operation_id = c.id AND f.merchant_id = c.merchant_id
WHERE f.merchant_id = ANY ($2::uuid[])
ORDER BY f.operation_id, f.merchant_id
FOR NO KEY UPDATE OF f
