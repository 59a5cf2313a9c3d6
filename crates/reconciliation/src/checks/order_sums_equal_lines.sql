-- An order's subtotal, line count and unit count are those of its lines, and its total follows from the subtotal.
SELECT o.merchant_id, o.id AS order_id, o.subtotal, coalesce(l.subtotal, 0) AS lines_subtotal, o.total, o.line_count,
    coalesce(l.line_count, 0) AS lines_count, o.unit_count, coalesce(l.unit_count, 0) AS lines_units
FROM orders.facts_orders o
LEFT JOIN (
    SELECT f.merchant_id, f.order_id, sum(f.line_total) AS subtotal, count(*) AS line_count,
        sum(f.quantity) AS unit_count
    FROM orders.facts_lines f
    GROUP BY f.merchant_id, f.order_id
) l ON l.order_id = o.id AND l.merchant_id = o.merchant_id
WHERE o.subtotal <> coalesce(l.subtotal, 0) OR o.line_count <> coalesce(l.line_count, 0)
    OR o.unit_count <> coalesce(l.unit_count, 0) OR o.total <> o.subtotal - o.discount + o.tax + o.shipping
