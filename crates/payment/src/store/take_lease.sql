-- Takes the lease of one operation whose worker has given up or is gone.
UPDATE payments.in_flight f
SET lease_token = $3::uuid, lease_until = $5::timestamptz, next_check_at = $6::timestamptz, attempts = f.attempts + 1
FROM payments.operations o
WHERE f.operation_id = $1::uuid AND f.merchant_id = $2::uuid AND f.lease_until <= $4::timestamptz
    AND o.id = $1::uuid AND o.merchant_id = $2::uuid AND o.kind = 'CAPTURE' AND o.state <> 'REVIEW'
RETURNING o.id, o.merchant_id, o.payment_id, o.order_id, o.amount, o.currency, o.provider_key, o.method_token,
    o.created_time
