-- Who has this code.
SELECT m.id FROM catalog.merchants m WHERE m.code_key = $1::text
