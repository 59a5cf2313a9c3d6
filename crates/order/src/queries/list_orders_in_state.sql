-- A merchant's orders in a state that has no queue, looked for among its newest older than a given one. The last row is where
-- the scan stopped, whether it matches or not.
WITH newest AS MATERIALIZED (
    SELECT o.id, o.state FROM orders.orders o
    WHERE o.merchant_id = $1::uuid AND o.id < $2::uuid
    ORDER BY o.id DESC
    LIMIT $5::bigint
), stopped AS (
    SELECT n.id FROM newest n ORDER BY n.id LIMIT 1
), chosen AS (
    SELECT n.id, true AS matches, false AS is_last FROM (
        SELECT m.id FROM newest m WHERE m.state = $4::text ORDER BY m.id DESC LIMIT $3::bigint) AS n
    UNION ALL
    SELECT s.id, false, true FROM stopped s
)
SELECT o.id, o.merchant_id, o.customer_id, o.client_reference, o.state, o.currency, o.line_count, o.unit_count, o.total,
       o.captured, o.refunded, o.ordered_time, o.created_time, o.expires_at,
       ARRAY(SELECT l.display_name FROM orders.lines l
             WHERE l.order_id = o.id AND l.merchant_id = o.merchant_id AND l.line_no <= 3 ORDER BY l.line_no) AS first_names,
       c.matches, c.is_last, (SELECT count(*) FROM newest) AS scanned
FROM chosen c
JOIN orders.orders o ON o.id = c.id AND o.merchant_id = $1::uuid
ORDER BY c.matches DESC, o.id DESC
