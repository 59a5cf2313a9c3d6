-- Where one operation stands, and until when somebody works on it.
SELECT o.payment_id, o.state, f.lease_until
FROM payments.operations o
LEFT JOIN payments.in_flight f ON f.operation_id = o.id AND f.merchant_id = o.merchant_id
WHERE o.id = $1::uuid AND o.merchant_id = $2::uuid
