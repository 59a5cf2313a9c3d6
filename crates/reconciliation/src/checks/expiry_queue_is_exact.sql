-- The expiry queue holds the PENDING orders and no other, each with its own end.
SELECT merchant_id, order_id, o.state, o.expires_at, q.expires_at AS queued_until
FROM (
    SELECT f.merchant_id, f.id AS order_id, f.state, f.expires_at
    FROM orders.facts_orders f
    WHERE f.state = 'PENDING'
) o
FULL JOIN orders.facts_expiry_queue q USING (merchant_id, order_id)
WHERE o.expires_at IS DISTINCT FROM q.expires_at
