-- No PENDING order is overdue by more than 20 minutes, unless money of it is in flight.
SELECT o.merchant_id, o.id AS order_id, o.expires_at
FROM orders.facts_orders o
WHERE o.state = 'PENDING' AND o.expires_at < (SELECT m.at FROM moment m) - interval '20 minutes'
    AND NOT EXISTS (
        SELECT FROM payments.facts_in_flight f WHERE f.order_id = o.id AND f.merchant_id = o.merchant_id
    )
