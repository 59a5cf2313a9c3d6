-- The outcome is known. Guarded by the lease that was locked.
DELETE FROM payments.in_flight f
USING unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS c (id, merchant_id, lease_token)
WHERE f.operation_id = c.id AND f.merchant_id = c.merchant_id AND f.lease_token = c.lease_token
    AND f.merchant_id = ANY ($2::uuid[])
