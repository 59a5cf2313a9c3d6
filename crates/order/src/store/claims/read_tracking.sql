-- Whose tracking numbers are those that could not be claimed.
SELECT t.merchant_id, t.tracking_number, t.order_id
FROM unnest($1::uuid[], $2::text[]) AS c (merchant_id, tracking_number)
JOIN orders.tracking_numbers t ON t.merchant_id = c.merchant_id AND t.tracking_number = c.tracking_number
WHERE t.merchant_id = ANY ($1::uuid[])
