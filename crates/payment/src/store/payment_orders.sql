-- The orders of payments. An order id never changes, so it is read without a lock, ahead of the order's own lock.
SELECT p.id, p.merchant_id, p.order_id
FROM unnest($1::uuid[], $2::uuid[]) AS c (id, merchant_id)
JOIN payments.payments p ON p.id = c.id AND p.merchant_id = c.merchant_id
WHERE p.merchant_id = ANY ($2::uuid[])
