-- Frees keys that this transaction claimed for commands it then refused; nobody else has seen them.
DELETE FROM platform.idempotency i
USING unnest($1::uuid[], $2::text[], $3::bytea[], $4::uuid[]) AS c (merchant_id, scope, key, resource_id)
WHERE i.merchant_id = c.merchant_id AND i.scope = c.scope AND i.key = c.key AND i.resource_id = c.resource_id
    AND i.merchant_id = ANY ($1::uuid[])
