-- Takes the leases of captures that are due to be looked at, the longest waiting first.
WITH due AS MATERIALIZED (
    SELECT d.operation_id, d.merchant_id
    FROM payments.in_flight d
    WHERE d.next_check_at <= $2::timestamptz AND d.lease_until <= $2::timestamptz
    ORDER BY d.next_check_at
    LIMIT $5::bigint
    FOR NO KEY UPDATE OF d SKIP LOCKED
)
UPDATE payments.in_flight f
SET lease_token = $1::uuid, lease_until = $3::timestamptz, next_check_at = $4::timestamptz, attempts = f.attempts + 1
FROM due
JOIN payments.operations o ON o.id = due.operation_id AND o.merchant_id = due.merchant_id
WHERE f.operation_id = due.operation_id AND f.merchant_id = due.merchant_id AND o.kind = 'CAPTURE' AND o.state <> 'REVIEW'
RETURNING o.id, o.merchant_id, o.payment_id, o.order_id, o.amount, o.currency, o.provider_key, o.method_token,
    o.created_time
