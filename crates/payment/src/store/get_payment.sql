-- One payment with its operations, oldest first; they share its month.
SELECT p.id, p.merchant_id, p.order_id, p.state, p.currency, p.amount, p.captured, p.refunded, p.provider, p.created_time,
    p.updated_time, o.id AS operation_id, o.kind, o.state AS operation_state, o.amount AS operation_amount,
    o.currency AS operation_currency, o.provider_reference, o.failure_reason, o.failure_category,
    o.created_time AS operation_created_time, o.ended_time
FROM payments.payments p
LEFT JOIN payments.operations o ON o.payment_id = p.id AND o.merchant_id = p.merchant_id AND o.id >= $3::uuid
    AND o.id <= $4::uuid
WHERE p.id = $1::uuid AND p.merchant_id = $2::uuid
ORDER BY o.created_time, o.id
