-- A merchant as it stands.
SELECT m.id, d.code, d.display_name, m.created_time
FROM catalog.merchants m JOIN catalog.merchant_details d ON d.merchant_id = m.id
WHERE m.id = $1::uuid
