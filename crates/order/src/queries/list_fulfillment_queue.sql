-- A merchant's fulfilment queue after a given order, oldest first.
SELECT o.id, o.merchant_id, o.customer_id, o.client_reference, o.state, o.currency, o.line_count, o.unit_count, o.total,
       o.captured, o.refunded, o.ordered_time, o.created_time, o.expires_at,
       ARRAY(SELECT l.display_name FROM orders.lines l
             WHERE l.order_id = o.id AND l.merchant_id = o.merchant_id AND l.line_no <= 3 ORDER BY l.line_no) AS first_names
FROM (SELECT q.order_id FROM orders.fulfilment_queue q
      WHERE q.merchant_id = $1::uuid AND q.order_id > $2::uuid
      ORDER BY q.order_id LIMIT $3::bigint) AS q
JOIN orders.orders o ON o.id = q.order_id AND o.merchant_id = $1::uuid
ORDER BY o.id
