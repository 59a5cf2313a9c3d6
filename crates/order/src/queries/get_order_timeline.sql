-- The transitions of one order, each with the time of the next.
SELECT h.seq, h.from_state, h.to_state, h.actor, h.reason, h.cause_id, h.created_time,
       lead(h.created_time) OVER (ORDER BY h.seq) AS until
FROM orders.history h
WHERE h.order_id = $1::uuid AND h.merchant_id = $2::uuid
ORDER BY h.seq
