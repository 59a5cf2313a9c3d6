-- Orders that the merchant has to fulfil from now on.
INSERT INTO orders.fulfilment_queue (merchant_id, order_id)
SELECT q.merchant_id, q.order_id FROM unnest($1::uuid[], $2::uuid[]) AS q (merchant_id, order_id)
