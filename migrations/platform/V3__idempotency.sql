-- One key table for all methods. A row is claimed by INSERT .. ON CONFLICT DO NOTHING in the transaction that does the
-- work; whose claim it is shows in resource_id, which the claiming request minted.
SET LOCAL ROLE purser_owner;
SET LOCAL lock_timeout = '5s';

CREATE TABLE platform.idempotency (
    -- Routing column, and the tenant of scope 'merchant'; the nil UUID for methods without a merchant.
    merchant_id uuid NOT NULL,
    scope text NOT NULL,
    key bytea NOT NULL,
    fingerprint bytea NOT NULL,
    fingerprint_version smallint NOT NULL,
    method text NOT NULL,
    resource_id uuid NOT NULL,
    outcome text NOT NULL,
    -- The refusal of a money method as it was given; null unless REFUSED.
    refusal jsonb,
    created_time timestamptz NOT NULL,
    CONSTRAINT idempotency_pk PRIMARY KEY (merchant_id, scope, key),
    CONSTRAINT idempotency_key_length CHECK (octet_length(key) BETWEEN 16 AND 65),
    CONSTRAINT idempotency_fingerprint_length CHECK (octet_length(fingerprint) = 32),
    CONSTRAINT idempotency_outcome CHECK (outcome IN ('OPEN', 'DONE', 'REFUSED')),
    CONSTRAINT idempotency_refusal CHECK ((outcome = 'REFUSED') = (refusal IS NOT NULL))
) PARTITION BY HASH (key);

DO $$
BEGIN
    FOR part IN 0..7 LOOP
        EXECUTE format('CREATE TABLE platform.idempotency_%s PARTITION OF platform.idempotency
                        FOR VALUES WITH (MODULUS 8, REMAINDER %s)', part, part);
        EXECUTE format('ALTER TABLE platform.idempotency_%s SET (autovacuum_vacuum_scale_factor = 0.02)', part);
    END LOOP;
END
$$;

-- DELETE frees the key of a refused command that is not about money, in the transaction that claimed it.
GRANT SELECT, INSERT, DELETE, UPDATE (outcome, refusal) ON platform.idempotency TO purser_write;
GRANT SELECT ON platform.idempotency TO purser_read, purser_finance;

-- Small secrets that every process on this database shares, such as the seal of page tokens.
CREATE TABLE platform.secrets (
    name text NOT NULL,
    value bytea NOT NULL,
    CONSTRAINT secrets_pk PRIMARY KEY (name)
);
INSERT INTO platform.secrets (name, value)
VALUES ('page_tokens', uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
GRANT SELECT ON platform.secrets TO purser_write, purser_read;

RESET ROLE;
