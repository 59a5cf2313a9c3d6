-- A merchant's SKUs by folded code, from the one after a code on.
SELECT s.id, s.code_key FROM catalog.skus s
WHERE s.merchant_id = $1::uuid AND ($2::text IS NULL OR s.code_key > $2::text)
ORDER BY s.code_key
LIMIT $3::bigint
