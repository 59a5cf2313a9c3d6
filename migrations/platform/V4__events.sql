-- The event log: exactly one event per transition, written in its transaction, never changed. Readers window it by pairs
-- of snapshots over xid, so it needs the transaction's id from the first row on.
SET LOCAL ROLE purser_owner;
SET LOCAL lock_timeout = '5s';

CREATE TABLE platform.events (
    id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    -- The order (or whatever else moved) and its own gapless number.
    subject_id uuid NOT NULL,
    seq int NOT NULL,
    type text NOT NULL,
    payload jsonb NOT NULL,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    created_time timestamptz NOT NULL,
    CONSTRAINT events_pk PRIMARY KEY (id, merchant_id),
    CONSTRAINT events_seq CHECK (seq > 0)
) PARTITION BY RANGE (id);
CREATE INDEX events_xid ON platform.events (xid);
COMMENT ON INDEX platform.events_xid IS 'event readers: the window between two snapshots';

INSERT INTO platform.monthly_tables (schema_name, table_name, position) VALUES ('platform', 'events', 10);

GRANT SELECT, INSERT ON platform.events TO purser_write;
GRANT SELECT ON platform.events TO purser_read, purser_finance;

CREATE VIEW platform.facts_events AS
    SELECT e.id, e.merchant_id, e.subject_id, e.seq, e.type, e.created_time FROM platform.events e;
CREATE VIEW platform.facts_idempotency AS
    SELECT i.merchant_id, i.scope, i.method, i.resource_id, i.outcome, i.created_time FROM platform.idempotency i;
GRANT SELECT ON platform.facts_events, platform.facts_idempotency TO purser_finance;

RESET ROLE;
