-- Opens payments of orders that are being placed.
INSERT INTO payments.payments
    (id, merchant_id, order_id, state, currency, amount, limit_minor, provider, seq, created_time, updated_time)
SELECT c.id, c.merchant_id, c.order_id, 'PENDING', c.currency, c.amount, c.amount, c.provider, 1, $7::timestamptz,
    $7::timestamptz
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::text[])
    AS c (id, merchant_id, order_id, currency, amount, provider)
