-- A PENDING order holds no captured money.
SELECT o.merchant_id, o.id AS order_id, o.total, o.captured
FROM orders.facts_orders o
WHERE o.state = 'PENDING' AND o.captured <> 0
