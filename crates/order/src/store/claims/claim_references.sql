-- Claims client references; those that come back are ours.
INSERT INTO orders.client_references (merchant_id, client_reference, order_id)
SELECT c.merchant_id, c.client_reference, c.order_id
FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS c (merchant_id, client_reference, order_id)
ON CONFLICT DO NOTHING
RETURNING merchant_id, client_reference, order_id
