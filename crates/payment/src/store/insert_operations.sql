-- Writes down what the provider is about to be asked.
INSERT INTO payments.operations
    (id, merchant_id, payment_id, order_id, kind, state, amount, currency, provider_key, method_token, key_scope, key,
     actor, created_time)
SELECT c.id, c.merchant_id, c.payment_id, c.order_id, c.kind, 'SUBMITTED', c.amount, c.currency, c.provider_key,
    c.method_token, c.key_scope, c.key, c.actor, $13::timestamptz
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::bigint[], $7::text[], $8::text[], $9::text[],
            $10::text[], $11::bytea[], $12::text[])
    AS c (id, merchant_id, payment_id, order_id, kind, amount, currency, provider_key, method_token, key_scope, key,
          actor)
