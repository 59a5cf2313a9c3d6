-- Writes the definite outcome of money calls under their keys. An outcome once written stays.
UPDATE platform.idempotency i
SET outcome = CASE WHEN c.refusal IS NULL THEN 'DONE' ELSE 'REFUSED' END, refusal = c.refusal
FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::jsonb[]) AS c (merchant_id, scope, key, refusal)
WHERE i.merchant_id = c.merchant_id AND i.scope = c.scope AND i.key = c.key AND i.outcome = 'OPEN'
    AND i.merchant_id = ANY ($1::uuid[])
