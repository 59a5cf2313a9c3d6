-- Payments and the operations that move their money. Ids carry the order's 48-bit time prefix, so an order's family lies
-- in one month.
SET LOCAL ROLE purser_owner;
SET LOCAL lock_timeout = '5s';

CREATE TABLE payments.payments (
    id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    order_id uuid NOT NULL,
    state text NOT NULL,
    currency text NOT NULL,
    -- Minor units, all of them.
    amount bigint NOT NULL,
    -- What may be captured: the amount of a sale, or what was authorised.
    limit_minor bigint NOT NULL,
    capture_pending bigint NOT NULL DEFAULT 0,
    captured bigint NOT NULL DEFAULT 0,
    voided bigint NOT NULL DEFAULT 0,
    refund_pending bigint NOT NULL DEFAULT 0,
    refunded bigint NOT NULL DEFAULT 0,
    -- Money that moved beyond what was allowed: booked, never dropped, and looked at by a person.
    excess_minor bigint NOT NULL DEFAULT 0,
    refund_excess_minor bigint NOT NULL DEFAULT 0,
    provider text NOT NULL,
    -- Rises by one with every change: the guard of every update.
    seq int NOT NULL,
    created_time timestamptz NOT NULL,
    updated_time timestamptz NOT NULL,
    CONSTRAINT payments_pk PRIMARY KEY (id, merchant_id),
    CONSTRAINT payments_amount CHECK (amount > 0),
    CONSTRAINT payments_not_negative CHECK (limit_minor >= 0 AND capture_pending >= 0 AND captured >= 0 AND voided >= 0
        AND refund_pending >= 0 AND refunded >= 0 AND excess_minor >= 0 AND refund_excess_minor >= 0),
    CONSTRAINT payments_capture_limit CHECK (captured + capture_pending + voided <= limit_minor + excess_minor),
    CONSTRAINT payments_refund_limit CHECK (refunded + refund_pending <= captured + refund_excess_minor),
    CONSTRAINT payments_currency CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT payments_state CHECK (state IN ('PENDING', 'REQUIRES_ACTION', 'AUTHORIZED', 'PARTIALLY_CAPTURED', 'CAPTURED',
        'DECLINED', 'VOIDED', 'EXPIRED', 'PARTIALLY_REFUNDED', 'REFUNDED'))
) PARTITION BY RANGE (id);
CREATE INDEX payments_order ON payments.payments (order_id, merchant_id);
COMMENT ON INDEX payments.payments_order IS 'payments of an order';
CREATE INDEX payments_merchant ON payments.payments (merchant_id, id);
COMMENT ON INDEX payments.payments_merchant IS 'ListPayments of a merchant, newest first';

CREATE TABLE payments.operations (
    id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    payment_id uuid NOT NULL,
    order_id uuid NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    amount bigint NOT NULL,
    currency text NOT NULL,
    -- The key this operation uses at the provider: the same for every attempt.
    provider_key text NOT NULL,
    -- The provider's token of the payment method; never a card number.
    method_token text NOT NULL,
    provider_reference text NOT NULL DEFAULT '',
    failure_reason text NOT NULL DEFAULT '',
    failure_category text NOT NULL DEFAULT '',
    -- Where the caller's key stands in the key table, so that the outcome can be written there.
    key_scope text NOT NULL,
    key bytea NOT NULL,
    actor text NOT NULL,
    created_time timestamptz NOT NULL,
    ended_time timestamptz,
    CONSTRAINT operations_pk PRIMARY KEY (id, merchant_id),
    CONSTRAINT operations_payment_fk FOREIGN KEY (payment_id, merchant_id)
        REFERENCES payments.payments (id, merchant_id),
    CONSTRAINT operations_amount CHECK (amount > 0),
    CONSTRAINT operations_kind CHECK (kind IN ('CAPTURE', 'REFUND')),
    CONSTRAINT operations_state CHECK (state IN ('SUBMITTED', 'SUCCEEDED', 'FAILED', 'PENDING', 'UNKNOWN', 'REVIEW')),
    CONSTRAINT operations_ended CHECK ((state IN ('SUCCEEDED', 'FAILED')) = (ended_time IS NOT NULL))
) PARTITION BY RANGE (id);
CREATE INDEX operations_payment ON payments.operations (payment_id, merchant_id);
COMMENT ON INDEX payments.operations_payment IS 'operations of a payment; foreign key';

-- Operations whose outcome is not known yet: the lease of whoever works on one, and when to look again.
CREATE TABLE payments.in_flight (
    operation_id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    payment_id uuid NOT NULL,
    order_id uuid NOT NULL,
    -- Fencing token: an outcome is applied only by whoever holds it.
    lease_token uuid NOT NULL,
    lease_until timestamptz NOT NULL,
    next_check_at timestamptz NOT NULL,
    -- Attempts begun, and how many of them are known not to have been executed by the provider.
    attempts int NOT NULL DEFAULT 1,
    unexecuted int NOT NULL DEFAULT 0,
    created_time timestamptz NOT NULL,
    CONSTRAINT in_flight_pk PRIMARY KEY (operation_id, merchant_id),
    CONSTRAINT in_flight_attempts CHECK (attempts >= 1 AND unexecuted BETWEEN 0 AND attempts)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01);
CREATE INDEX in_flight_order ON payments.in_flight (order_id, merchant_id);
COMMENT ON INDEX payments.in_flight_order IS 'is money of this order in flight';
CREATE INDEX in_flight_due ON payments.in_flight (next_check_at);
COMMENT ON INDEX payments.in_flight_due IS 'recovery worker: what is due, oldest first';

-- A provider's reference belongs to one operation for ever.
CREATE TABLE payments.provider_references (
    merchant_id uuid NOT NULL,
    provider text NOT NULL,
    provider_reference text NOT NULL,
    operation_id uuid NOT NULL,
    payment_id uuid NOT NULL,
    CONSTRAINT provider_references_pk PRIMARY KEY (merchant_id, provider, provider_reference)
) PARTITION BY HASH (provider_reference);

DO $$
BEGIN
    FOR part IN 0..7 LOOP
        EXECUTE format('CREATE TABLE payments.provider_references_%s PARTITION OF payments.provider_references
                        FOR VALUES WITH (MODULUS 8, REMAINDER %s)', part, part);
    END LOOP;
END
$$;

INSERT INTO platform.monthly_tables (schema_name, table_name, position, fillfactor) VALUES
    ('payments', 'payments', 30, 80),
    ('payments', 'operations', 31, 80);

GRANT SELECT, INSERT, UPDATE (state, limit_minor, capture_pending, captured, voided, refund_pending, refunded, excess_minor,
    refund_excess_minor, seq, updated_time) ON payments.payments TO purser_write;
GRANT SELECT, INSERT, UPDATE (state, provider_reference, failure_reason, failure_category, ended_time)
    ON payments.operations TO purser_write;
GRANT SELECT, INSERT, DELETE, UPDATE (lease_token, lease_until, next_check_at, attempts, unexecuted) ON payments.in_flight
    TO purser_write;
GRANT SELECT, INSERT ON payments.provider_references TO purser_write;
GRANT SELECT ON ALL TABLES IN SCHEMA payments TO purser_read;

CREATE VIEW payments.facts_payments AS
    SELECT p.id, p.merchant_id, p.order_id, p.state, p.currency, p.amount, p.capture_pending, p.captured, p.voided,
           p.refund_pending, p.refunded, p.excess_minor, p.refund_excess_minor, p.provider, p.created_time
    FROM payments.payments p;
CREATE VIEW payments.facts_operations AS
    SELECT o.id, o.merchant_id, o.payment_id, o.order_id, o.kind, o.state, o.amount, o.currency, o.provider_reference,
           o.created_time, o.ended_time
    FROM payments.operations o;
CREATE VIEW payments.facts_in_flight AS
    SELECT f.operation_id, f.merchant_id, f.payment_id, f.order_id, f.lease_until, f.next_check_at, f.created_time
    FROM payments.in_flight f;
GRANT SELECT ON payments.facts_payments, payments.facts_operations, payments.facts_in_flight TO purser_finance;

RESET ROLE;
