-- What one key stands for.
SELECT i.method, i.resource_id, i.outcome, i.refusal, i.created_time
FROM platform.idempotency i
WHERE i.merchant_id = $1::uuid AND i.scope = $2::text AND i.key = $3::bytea
