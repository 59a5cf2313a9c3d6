-- The SKUs that have these codes.
SELECT s.id, s.code_key FROM catalog.skus s WHERE s.merchant_id = $1::uuid AND s.code_key = ANY ($2::text[])
