-- An order stands where its newest history row led, and carries its number.
SELECT o.merchant_id, o.id AS order_id, o.state, h.to_state AS history_state, o.seq, h.seq AS history_seq
FROM orders.facts_orders o
LEFT JOIN (
    SELECT DISTINCT ON (f.order_id, f.merchant_id) f.order_id, f.merchant_id, f.seq, f.to_state
    FROM orders.facts_history f
    ORDER BY f.order_id, f.merchant_id, f.seq DESC
) h ON h.order_id = o.id AND h.merchant_id = o.merchant_id
WHERE h.to_state IS DISTINCT FROM o.state OR h.seq IS DISTINCT FROM o.seq
