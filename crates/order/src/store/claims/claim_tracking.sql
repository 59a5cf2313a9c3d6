-- Claims tracking numbers; those that come back are ours.
INSERT INTO orders.tracking_numbers (merchant_id, tracking_number, order_id)
SELECT c.merchant_id, c.tracking_number, c.order_id
FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS c (merchant_id, tracking_number, order_id)
ON CONFLICT DO NOTHING
RETURNING merchant_id, tracking_number, order_id
