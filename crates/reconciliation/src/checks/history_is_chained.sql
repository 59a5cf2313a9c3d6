-- An order's history is numbered from 1 without a gap, and each row starts from the state that the one before led to.
SELECT h.merchant_id, h.order_id, h.seq, h.place, h.from_state, h.state_before
FROM (
    SELECT f.merchant_id, f.order_id, f.seq, f.from_state, row_number() OVER history AS place,
        lag(f.to_state) OVER history AS state_before
    FROM orders.facts_history f
    WINDOW history AS (PARTITION BY f.order_id, f.merchant_id ORDER BY f.seq)
) h
WHERE h.seq <> h.place OR h.from_state IS DISTINCT FROM h.state_before
