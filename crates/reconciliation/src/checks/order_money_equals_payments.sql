-- What an order has captured and refunded is what its payments have.
SELECT o.merchant_id, o.id AS order_id, o.captured, coalesce(p.captured, 0) AS payments_captured, o.refunded,
    coalesce(p.refunded, 0) AS payments_refunded
FROM orders.facts_orders o
LEFT JOIN (
    SELECT f.merchant_id, f.order_id, sum(f.captured) AS captured, sum(f.refunded) AS refunded
    FROM payments.facts_payments f
    GROUP BY f.merchant_id, f.order_id
) p ON p.order_id = o.id AND p.merchant_id = o.merchant_id
WHERE o.captured <> coalesce(p.captured, 0) OR o.refunded <> coalesce(p.refunded, 0)
