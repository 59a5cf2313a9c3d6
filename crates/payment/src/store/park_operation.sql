-- Leaves an operation whose outcome could not be applied to a person.
UPDATE payments.operations o
SET state = 'REVIEW', provider_reference = $3::text, failure_reason = 'PAYMENT_UNDER_REVIEW', failure_category = $4::text
WHERE o.id = $1::uuid AND o.merchant_id = $2::uuid AND o.state IN ('SUBMITTED', 'PENDING', 'UNKNOWN')
