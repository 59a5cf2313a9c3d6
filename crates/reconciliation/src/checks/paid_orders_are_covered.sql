-- An order that is CONFIRMED or further has captured its total, or what was captured in excess besides.
SELECT o.merchant_id, o.id AS order_id, o.state, o.total, o.captured, coalesce(p.excess, 0) AS excess
FROM orders.facts_orders o
LEFT JOIN (
    SELECT f.merchant_id, f.order_id, sum(f.excess_minor) AS excess
    FROM payments.facts_payments f
    GROUP BY f.merchant_id, f.order_id
) p ON p.order_id = o.id AND p.merchant_id = o.merchant_id
WHERE o.state IN ('CONFIRMED', 'PROCESSING', 'SHIPPED', 'DELIVERED', 'REFUNDED')
    AND NOT o.captured BETWEEN o.total AND o.total + coalesce(p.excess, 0)
