-- Marks operations as having no known outcome, with the lease of whoever works on them.
INSERT INTO payments.in_flight
    (operation_id, merchant_id, payment_id, order_id, lease_token, lease_until, next_check_at, attempts, unexecuted,
     created_time)
SELECT c.operation_id, c.merchant_id, c.payment_id, c.order_id, c.lease_token, c.lease_until, c.next_check_at, 1, 0,
    $8::timestamptz
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::timestamptz[], $7::timestamptz[])
    AS c (operation_id, merchant_id, payment_id, order_id, lease_token, lease_until, next_check_at)
