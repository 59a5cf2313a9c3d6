-- The order that was shipped under a tracking number.
SELECT o.id, o.merchant_id, o.customer_id, o.client_reference, o.state, o.currency, o.line_count, o.unit_count, o.total,
       o.captured, o.refunded, o.ordered_time, o.created_time, o.expires_at,
       ARRAY(SELECT l.display_name FROM orders.lines l
             WHERE l.order_id = o.id AND l.merchant_id = o.merchant_id AND l.line_no <= 3 ORDER BY l.line_no) AS first_names
FROM orders.tracking_numbers t
JOIN orders.orders o ON o.id = t.order_id AND o.merchant_id = t.merchant_id
WHERE t.merchant_id = $1::uuid AND t.tracking_number = $2::text
