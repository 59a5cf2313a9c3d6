-- Releases leases and says when to look again. Guarded by the lease that was locked.
UPDATE payments.in_flight f
SET lease_until = c.lease_until, next_check_at = c.next_check_at, unexecuted = c.unexecuted
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::timestamptz[], $6::int[])
    AS c (id, merchant_id, lease_token, lease_until, next_check_at, unexecuted)
WHERE f.operation_id = c.id AND f.merchant_id = c.merchant_id AND f.lease_token = c.lease_token
    AND f.merchant_id = ANY ($2::uuid[])
