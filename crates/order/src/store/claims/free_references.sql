-- Frees client references that this transaction claimed for orders it then refused.
DELETE FROM orders.client_references r
USING unnest($1::uuid[], $2::text[]) AS c (merchant_id, client_reference)
WHERE r.merchant_id = c.merchant_id AND r.client_reference = c.client_reference AND r.merchant_id = ANY ($1::uuid[])
