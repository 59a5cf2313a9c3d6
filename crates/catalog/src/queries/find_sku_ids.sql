-- The SKUs that have these codes, in the order asked.
SELECT s.id FROM unnest($2::text[]) WITH ORDINALITY AS w (code_key, position)
JOIN catalog.skus s ON s.merchant_id = $1::uuid AND s.code_key = w.code_key
ORDER BY w.position
