-- Orders that the merchant no longer has to fulfil.
DELETE FROM orders.fulfilment_queue q
USING unnest($1::uuid[], $2::uuid[]) AS c (merchant_id, order_id)
WHERE q.merchant_id = c.merchant_id AND q.order_id = c.order_id AND q.merchant_id = ANY ($1::uuid[])
