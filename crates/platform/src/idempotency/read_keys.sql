-- What keys stand for that another request claimed before.
SELECT c.position, i.fingerprint, i.fingerprint_version, i.method, i.resource_id, i.outcome, i.refusal, i.created_time
FROM unnest($1::uuid[], $2::text[], $3::bytea[]) WITH ORDINALITY AS c (merchant_id, scope, key, position)
JOIN platform.idempotency i ON i.merchant_id = c.merchant_id AND i.scope = c.scope AND i.key = c.key
WHERE i.merchant_id = ANY ($1::uuid[])
