-- A product as it stands.
SELECT p.id, p.merchant_id, p.display_name, p.created_time
FROM catalog.products p
WHERE p.id = $1::uuid AND p.merchant_id = $2::uuid
