-- Frees tracking numbers that this transaction claimed for shipments it then refused.
DELETE FROM orders.tracking_numbers t
USING unnest($1::uuid[], $2::text[]) AS c (merchant_id, tracking_number)
WHERE t.merchant_id = c.merchant_id AND t.tracking_number = c.tracking_number AND t.merchant_id = ANY ($1::uuid[])
