-- Writes what became of operations. A success is never changed again.
UPDATE payments.operations o
SET state = c.state, provider_reference = c.provider_reference, failure_reason = c.failure_reason,
    failure_category = c.failure_category, ended_time = c.ended_time
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
    AS c (id, merchant_id, state, provider_reference, failure_reason, failure_category, ended_time)
WHERE o.id = c.id AND o.merchant_id = c.merchant_id AND o.state <> 'SUCCEEDED'
    AND o.merchant_id = ANY ($2::uuid[])
