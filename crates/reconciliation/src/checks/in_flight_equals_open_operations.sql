-- Every operation without an outcome is in flight, and what is in flight is such an operation or one under review.
SELECT merchant_id, operation_id, o.state, o.order_id, f.order_id AS in_flight_order_id
FROM (
    SELECT a.merchant_id, a.id AS operation_id, a.payment_id, a.order_id, a.state
    FROM payments.facts_operations a
    WHERE a.state IN ('SUBMITTED', 'PENDING', 'UNKNOWN', 'REVIEW')
) o
FULL JOIN payments.facts_in_flight f USING (merchant_id, operation_id)
WHERE o.state IS NULL OR (f.order_id IS NULL AND o.state <> 'REVIEW')
    OR f.order_id <> o.order_id OR f.payment_id <> o.payment_id
