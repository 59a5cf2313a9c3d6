-- No line ships more than was ordered; what is SHIPPED is shipped in full, what is PROCESSING not yet, the rest not at all.
SELECT o.merchant_id, o.id AS order_id, o.state, l.ordered, l.shipped, l.overshipped_lines
FROM orders.facts_orders o
JOIN (
    SELECT f.merchant_id, f.order_id, sum(f.quantity) AS ordered, sum(coalesce(s.quantity, 0)) AS shipped,
        count(*) FILTER (WHERE s.quantity > f.quantity) AS overshipped_lines
    FROM orders.facts_lines f
    LEFT JOIN (
        SELECT g.merchant_id, g.order_id, g.line_no, sum(g.quantity) AS quantity
        FROM orders.facts_shipment_lines g
        GROUP BY g.merchant_id, g.order_id, g.line_no
    ) s ON s.order_id = f.order_id AND s.line_no = f.line_no AND s.merchant_id = f.merchant_id
    GROUP BY f.merchant_id, f.order_id
) l ON l.order_id = o.id AND l.merchant_id = o.merchant_id
WHERE l.overshipped_lines > 0 OR NOT CASE
    WHEN o.state IN ('SHIPPED', 'DELIVERED', 'REFUNDED') THEN l.shipped = l.ordered
    WHEN o.state = 'PROCESSING' THEN l.shipped < l.ordered
    ELSE l.shipped = 0
END
