-- Makes the identities of those SKUs whose code is new, in the order given: sorted by code, so that two callers that bring
-- the same new codes wait for each other and not in a circle.
INSERT INTO catalog.skus (id, merchant_id, code_key, created_time)
SELECT s.id, $1::uuid, s.code_key, $4::timestamptz
FROM unnest($2::uuid[], $3::text[]) WITH ORDINALITY AS s (id, code_key, position)
ORDER BY s.position
ON CONFLICT (merchant_id, code_key) DO NOTHING
