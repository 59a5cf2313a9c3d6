-- Whose client references are those that could not be claimed.
SELECT r.merchant_id, r.client_reference, r.order_id
FROM unnest($1::uuid[], $2::text[]) AS c (merchant_id, client_reference)
JOIN orders.client_references r ON r.merchant_id = c.merchant_id AND r.client_reference = c.client_reference
WHERE r.merchant_id = ANY ($1::uuid[])
