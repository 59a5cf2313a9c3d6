-- An idempotency key without an outcome belongs to an operation in flight.
SELECT i.merchant_id, i.scope, i.method, i.resource_id AS operation_id, i.created_time
FROM platform.facts_idempotency i
WHERE i.outcome = 'OPEN' AND NOT EXISTS (
    SELECT FROM payments.facts_in_flight f
    WHERE f.operation_id = i.resource_id AND f.merchant_id = i.merchant_id
)
