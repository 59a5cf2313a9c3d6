-- A payment's state says whether anything was captured of it, and no payment of a CANCELLED order is still open.
SELECT p.merchant_id, p.id AS payment_id, p.order_id, p.state, p.captured, o.state AS order_state
FROM payments.facts_payments p
LEFT JOIN orders.facts_orders o ON o.id = p.order_id AND o.merchant_id = p.merchant_id
WHERE (p.captured > 0) <> (p.state IN ('PARTIALLY_CAPTURED', 'CAPTURED', 'PARTIALLY_REFUNDED', 'REFUNDED'))
    OR (o.state = 'CANCELLED' AND p.state IN ('PENDING', 'REQUIRES_ACTION', 'AUTHORIZED', 'DECLINED'))
