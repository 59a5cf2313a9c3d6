-- Makes a merchant, unless its code is taken: then no row comes back.
INSERT INTO catalog.merchants (id, code_key, created_time)
VALUES ($1::uuid, $2::text, $3::timestamptz)
ON CONFLICT (code_key) DO NOTHING
RETURNING id
