-- Every history row has exactly one event of its number, and every event of an order has its history row.
SELECT merchant_id, order_id, seq, coalesce(h.rows, 0) AS history_rows, coalesce(e.rows, 0) AS events
FROM (
    SELECT f.merchant_id, f.order_id, f.seq, count(*) AS rows
    FROM orders.facts_history f
    GROUP BY f.merchant_id, f.order_id, f.seq
) h
FULL JOIN (
    SELECT f.merchant_id, f.subject_id AS order_id, f.seq, count(*) AS rows
    FROM platform.facts_events f
    WHERE f.type LIKE 'Order%'
    GROUP BY f.merchant_id, f.subject_id, f.seq
) e USING (merchant_id, order_id, seq)
WHERE h.rows IS DISTINCT FROM e.rows
