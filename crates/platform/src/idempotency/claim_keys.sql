-- Claims keys; those that come back are ours, the others exist already. Waits for a key that another transaction is claiming.
INSERT INTO platform.idempotency
    (merchant_id, scope, key, fingerprint, fingerprint_version, method, resource_id, outcome, created_time)
SELECT c.merchant_id, c.scope, c.key, c.fingerprint, $8::smallint, c.method, c.resource_id, c.outcome, $9::timestamptz
FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::bytea[], $5::text[], $6::uuid[], $7::text[])
    AS c (merchant_id, scope, key, fingerprint, method, resource_id, outcome)
ON CONFLICT DO NOTHING
RETURNING resource_id
