-- Nobody looks again by themselves; the row stays, so that the order counts as having money in flight.
UPDATE payments.in_flight f
SET lease_until = $3::timestamptz, next_check_at = $4::timestamptz
WHERE f.operation_id = $1::uuid AND f.merchant_id = $2::uuid
