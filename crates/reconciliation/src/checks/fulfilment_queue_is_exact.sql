-- The fulfilment queue holds the CONFIRMED and PROCESSING orders and no other.
SELECT merchant_id, order_id, o.state, q.queued
FROM (
    SELECT f.merchant_id, f.id AS order_id, f.state
    FROM orders.facts_orders f
    WHERE f.state IN ('CONFIRMED', 'PROCESSING')
) o
FULL JOIN (
    SELECT f.merchant_id, f.order_id, true AS queued FROM orders.facts_fulfilment_queue f
) q USING (merchant_id, order_id)
WHERE o.state IS NULL OR q.queued IS NULL
