-- Every part of an order's family belongs to an order, and every hold to an order or reservation.
SELECT c.merchant_id, c.owner_id, c.part, count(*) AS rows
FROM (
    SELECT f.merchant_id, f.order_id AS owner_id, 'line' AS part FROM orders.facts_lines f
    UNION ALL
    SELECT f.merchant_id, f.order_id, 'history row' FROM orders.facts_history f
    UNION ALL
    SELECT f.merchant_id, f.order_id, 'shipment line' FROM orders.facts_shipment_lines f
    UNION ALL
    SELECT f.merchant_id, f.order_id, 'payment' FROM payments.facts_payments f
    UNION ALL
    SELECT f.merchant_id, f.order_id, 'operation' FROM payments.facts_operations f
    UNION ALL
    SELECT f.merchant_id, f.owner_id, 'hold' FROM inventory.facts_holds f WHERE f.owner_kind = 'ORDER'
) c
LEFT JOIN orders.facts_orders o ON o.id = c.owner_id AND o.merchant_id = c.merchant_id
WHERE o.id IS NULL
GROUP BY c.merchant_id, c.owner_id, c.part
UNION ALL
SELECT h.merchant_id, h.owner_id, 'hold of a reservation', count(*)
FROM inventory.facts_holds h
LEFT JOIN inventory.facts_reservations r ON r.id = h.owner_id AND r.merchant_id = h.merchant_id
WHERE h.owner_kind = 'RESERVATION' AND r.id IS NULL
GROUP BY h.merchant_id, h.owner_id
