-- A payment's amounts are those of its operations: what succeeded, and what is open. One under review may have moved more.
SELECT p.merchant_id, p.id AS payment_id, p.order_id, p.captured, coalesce(o.captured, 0) AS operations_captured,
    p.capture_pending, coalesce(o.capture_pending, 0) AS operations_capture_pending, p.refunded,
    coalesce(o.refunded, 0) AS operations_refunded, p.refund_pending,
    coalesce(o.refund_pending, 0) AS operations_refund_pending, coalesce(o.reviewed, 0) AS under_review
FROM payments.facts_payments p
LEFT JOIN (
    SELECT f.merchant_id, f.payment_id,
        sum(f.amount) FILTER (WHERE f.kind = 'CAPTURE' AND f.state = 'SUCCEEDED') AS captured,
        sum(f.amount) FILTER (WHERE f.kind = 'CAPTURE' AND f.open) AS capture_pending,
        sum(f.amount) FILTER (WHERE f.kind = 'REFUND' AND f.state = 'SUCCEEDED') AS refunded,
        sum(f.amount) FILTER (WHERE f.kind = 'REFUND' AND f.open) AS refund_pending,
        count(*) FILTER (WHERE f.state = 'REVIEW' AND NOT f.open) AS reviewed
    FROM (
        -- A reviewed operation whose money is accounted for is no longer in flight; one whose outcome is unknown is.
        SELECT a.merchant_id, a.payment_id, a.kind, a.state, a.amount,
            a.state IN ('SUBMITTED', 'PENDING', 'UNKNOWN')
                OR (a.state = 'REVIEW' AND i.operation_id IS NOT NULL) AS open
        FROM payments.facts_operations a
        LEFT JOIN payments.facts_in_flight i ON i.operation_id = a.id AND i.merchant_id = a.merchant_id
    ) f
    GROUP BY f.merchant_id, f.payment_id
) o ON o.payment_id = p.id AND o.merchant_id = p.merchant_id
WHERE p.capture_pending <> coalesce(o.capture_pending, 0) OR p.refund_pending <> coalesce(o.refund_pending, 0)
    OR p.refunded <> coalesce(o.refunded, 0) OR p.captured < coalesce(o.captured, 0)
    OR (p.captured > coalesce(o.captured, 0) AND coalesce(o.reviewed, 0) = 0)
