-- Stock counters, open promises (holds), reservations without an order, and the ledger that explains every counter.
SET LOCAL ROLE purser_owner;
SET LOCAL lock_timeout = '5s';

-- The guarded counter that decides. Hot: narrow, no index but its key, room on the page for HOT updates.
CREATE TABLE inventory.stock (
    sku_id uuid NOT NULL,
    location text NOT NULL,
    merchant_id uuid NOT NULL,
    on_hand bigint NOT NULL,
    reserved bigint NOT NULL,
    safety bigint NOT NULL DEFAULT 0,
    -- Units promised beyond what is there, recorded by a forced adjustment.
    shortfall bigint NOT NULL DEFAULT 0,
    -- Rises by one with every change: the guard of every update.
    seq bigint NOT NULL DEFAULT 0,
    updated_time timestamptz NOT NULL,
    CONSTRAINT stock_pk PRIMARY KEY (sku_id, location, merchant_id),
    CONSTRAINT stock_sku_fk FOREIGN KEY (sku_id, merchant_id) REFERENCES catalog.skus (id, merchant_id),
    CONSTRAINT stock_not_negative CHECK (on_hand >= 0 AND reserved >= 0 AND safety >= 0 AND shortfall >= 0),
    CONSTRAINT stock_no_oversell CHECK (reserved <= on_hand + shortfall),
    CONSTRAINT stock_location CHECK (location ~ '^[a-z0-9_-]{1,32}$')
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01);
CREATE INDEX stock_merchant ON inventory.stock (merchant_id, sku_id, location);
COMMENT ON INDEX inventory.stock_merchant IS 'ListStock: a merchant''s stock by SKU and location';

-- Open promises only: one row per owner, SKU and location; it ends by DELETE .. RETURNING under the stock row's lock, and
-- the counter moves by exactly what came back.
CREATE TABLE inventory.holds (
    owner_id uuid NOT NULL,
    sku_id uuid NOT NULL,
    location text NOT NULL,
    merchant_id uuid NOT NULL,
    owner_kind text NOT NULL,
    quantity bigint NOT NULL,
    -- Null once committed: such a hold is never reclaimed.
    expires_at timestamptz,
    -- True while money for it is in flight: such a hold is never reclaimed either.
    pinned boolean NOT NULL DEFAULT false,
    CONSTRAINT holds_pk PRIMARY KEY (owner_id, sku_id, location, merchant_id),
    CONSTRAINT holds_quantity CHECK (quantity > 0),
    CONSTRAINT holds_owner_kind CHECK (owner_kind IN ('ORDER', 'RESERVATION'))
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01);
CREATE INDEX holds_reclaim ON inventory.holds (merchant_id, sku_id, location, expires_at)
    WHERE NOT pinned AND expires_at IS NOT NULL;
COMMENT ON INDEX inventory.holds_reclaim IS 'reclaim at reserve time: overdue holds of a short SKU, oldest first';

CREATE TABLE inventory.reservations (
    id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    state text NOT NULL,
    -- [{sku_id, location, quantity}] as it was promised; the open promise itself is in holds.
    lines jsonb NOT NULL,
    created_time timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_time timestamptz,
    CONSTRAINT reservations_pk PRIMARY KEY (id, merchant_id),
    CONSTRAINT reservations_state CHECK (state IN ('HELD', 'RELEASED', 'EXPIRED')),
    CONSTRAINT reservations_ended CHECK ((state = 'HELD') = (ended_time IS NULL))
) PARTITION BY RANGE (id);

-- Due reservations: a narrow queue, so that the expiry worker never scans.
CREATE TABLE inventory.reservation_expiries (
    reservation_id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT reservation_expiries_pk PRIMARY KEY (reservation_id, merchant_id)
) WITH (autovacuum_vacuum_scale_factor = 0.01);
CREATE INDEX reservation_expiries_due ON inventory.reservation_expiries (expires_at);
COMMENT ON INDEX inventory.reservation_expiries_due IS 'expiry worker: what is overdue, oldest first';

-- Append-only: why a counter changed, with the counters afterwards.
CREATE TABLE inventory.movements (
    id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    sku_id uuid NOT NULL,
    location text NOT NULL,
    kind text NOT NULL,
    on_hand_delta bigint NOT NULL,
    reserved_delta bigint NOT NULL,
    on_hand_after bigint NOT NULL,
    reserved_after bigint NOT NULL,
    -- The order or reservation it was for.
    owner_id uuid,
    owner_kind text,
    reason text NOT NULL DEFAULT '',
    actor text NOT NULL,
    created_time timestamptz NOT NULL,
    CONSTRAINT movements_pk PRIMARY KEY (id, merchant_id),
    CONSTRAINT movements_kind CHECK (
        (kind = 'RECEIVED' AND on_hand_delta > 0 AND reserved_delta = 0)
        OR (kind = 'ADJUSTED' AND reserved_delta = 0)
        OR (kind = 'RESERVED' AND on_hand_delta = 0 AND reserved_delta > 0)
        OR (kind IN ('RELEASED', 'EXPIRED') AND on_hand_delta = 0 AND reserved_delta < 0)
        OR (kind = 'SHIPPED' AND on_hand_delta < 0 AND reserved_delta = on_hand_delta)),
    CONSTRAINT movements_owner CHECK ((owner_id IS NULL) = (owner_kind IS NULL)),
    CONSTRAINT movements_owner_kind CHECK (owner_kind IN ('ORDER', 'RESERVATION')),
    CONSTRAINT movements_reason CHECK (kind <> 'ADJUSTED' OR reason <> '')
) PARTITION BY RANGE (id);
CREATE INDEX movements_sku ON inventory.movements (merchant_id, sku_id, id);
COMMENT ON INDEX inventory.movements_sku IS 'ListMovements of a SKU, newest first';

INSERT INTO platform.monthly_tables (schema_name, table_name, position, fillfactor) VALUES
    ('inventory', 'reservations', 20, 90),
    ('inventory', 'movements', 20, 100);

GRANT SELECT, INSERT, UPDATE (on_hand, reserved, safety, shortfall, seq, updated_time) ON inventory.stock TO purser_write;
GRANT SELECT, INSERT, DELETE, UPDATE (quantity, expires_at, pinned) ON inventory.holds TO purser_write;
GRANT SELECT, INSERT, UPDATE (state, ended_time) ON inventory.reservations TO purser_write;
GRANT SELECT, INSERT, DELETE ON inventory.reservation_expiries TO purser_write;
GRANT SELECT, INSERT ON inventory.movements TO purser_write;
GRANT SELECT ON ALL TABLES IN SCHEMA inventory TO purser_read;

CREATE VIEW inventory.facts_stock AS
    SELECT s.merchant_id, s.sku_id, s.location, s.on_hand, s.reserved, s.safety, s.shortfall FROM inventory.stock s;
CREATE VIEW inventory.facts_holds AS
    SELECT h.merchant_id, h.owner_id, h.owner_kind, h.sku_id, h.location, h.quantity, h.expires_at, h.pinned
    FROM inventory.holds h;
CREATE VIEW inventory.facts_movements AS
    SELECT m.id, m.merchant_id, m.sku_id, m.location, m.kind, m.on_hand_delta, m.reserved_delta, m.on_hand_after,
           m.reserved_after, m.owner_id, m.owner_kind, m.created_time
    FROM inventory.movements m;
CREATE VIEW inventory.facts_reservations AS
    SELECT r.id, r.merchant_id, r.state, r.expires_at, r.created_time FROM inventory.reservations r;
GRANT SELECT ON inventory.facts_stock, inventory.facts_holds, inventory.facts_movements, inventory.facts_reservations
    TO purser_finance;

RESET ROLE;
