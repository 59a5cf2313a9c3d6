-- Orders and their family: lines, address, history, shipments, in the month of the order's id. No index of orders mentions
-- its state (every state change would rewrite every index); queues are narrow tables beside it.
SET LOCAL ROLE purser_owner;
SET LOCAL lock_timeout = '5s';

CREATE TABLE orders.orders (
    id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    -- The caller's reference of the customer; empty for a guest.
    customer_id text NOT NULL,
    client_reference text NOT NULL,
    state text NOT NULL,
    currency text NOT NULL,
    -- Minor units, all of them, written once at placement but for captured and refunded.
    subtotal bigint NOT NULL,
    discount bigint NOT NULL,
    tax bigint NOT NULL,
    shipping bigint NOT NULL,
    total bigint NOT NULL,
    captured bigint NOT NULL DEFAULT 0,
    refunded bigint NOT NULL DEFAULT 0,
    line_count int NOT NULL,
    unit_count bigint NOT NULL,
    -- Number of its newest history row: the guard of every update.
    seq int NOT NULL,
    ordered_time timestamptz NOT NULL,
    created_time timestamptz NOT NULL,
    updated_time timestamptz NOT NULL,
    expires_at timestamptz,
    CONSTRAINT orders_pk PRIMARY KEY (id, merchant_id),
    CONSTRAINT orders_merchant_fk FOREIGN KEY (merchant_id) REFERENCES catalog.merchants (id),
    CONSTRAINT orders_total CHECK (total = subtotal - discount + tax + shipping),
    CONSTRAINT orders_not_negative CHECK (subtotal >= 0 AND discount >= 0 AND tax >= 0 AND shipping >= 0 AND total >= 0
        AND captured >= 0 AND refunded >= 0),
    CONSTRAINT orders_refunded CHECK (refunded <= captured),
    CONSTRAINT orders_counts CHECK (line_count BETWEEN 1 AND 2000 AND unit_count >= line_count AND seq > 0),
    CONSTRAINT orders_currency CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT orders_state CHECK (state IN ('PENDING', 'CONFIRMED', 'PROCESSING', 'SHIPPED', 'DELIVERED', 'CANCELLED',
        'REFUNDED')),
    CONSTRAINT orders_expiry CHECK ((state = 'PENDING') = (expires_at IS NOT NULL)),
    CONSTRAINT orders_customer_length CHECK (char_length(customer_id) <= 64),
    CONSTRAINT orders_reference_length CHECK (char_length(client_reference) <= 64)
) PARTITION BY RANGE (id);
CREATE INDEX orders_merchant ON orders.orders (merchant_id, id);
COMMENT ON INDEX orders.orders_merchant IS 'ListOrders of a merchant, newest first';
CREATE INDEX orders_customer ON orders.orders (merchant_id, customer_id, id) WHERE customer_id <> '';
COMMENT ON INDEX orders.orders_customer IS 'ListOrders of a customer, newest first';

-- Copied at placement and never changed, so that a new price or name leaves the order as it was.
CREATE TABLE orders.lines (
    order_id uuid NOT NULL,
    line_no int NOT NULL,
    merchant_id uuid NOT NULL,
    sku_id uuid NOT NULL,
    sku_code text NOT NULL,
    display_name text NOT NULL,
    quantity bigint NOT NULL,
    unit_price bigint NOT NULL,
    line_total bigint NOT NULL,
    -- Empty when the SKU tracks no stock.
    location text NOT NULL,
    CONSTRAINT lines_pk PRIMARY KEY (order_id, line_no, merchant_id),
    CONSTRAINT lines_sku_price_key UNIQUE (order_id, sku_id, unit_price, merchant_id),
    CONSTRAINT lines_order_fk FOREIGN KEY (order_id, merchant_id) REFERENCES orders.orders (id, merchant_id),
    CONSTRAINT lines_sku_fk FOREIGN KEY (sku_id, merchant_id) REFERENCES catalog.skus (id, merchant_id),
    CONSTRAINT lines_number CHECK (line_no BETWEEN 1 AND 2000),
    CONSTRAINT lines_quantity CHECK (quantity BETWEEN 1 AND 1000000),
    CONSTRAINT lines_price CHECK (unit_price >= 0),
    CONSTRAINT lines_total CHECK (line_total = unit_price * quantity)
) PARTITION BY RANGE (order_id);

CREATE TABLE orders.addresses (
    order_id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    recipient text NOT NULL,
    address_lines text[] NOT NULL,
    locality text NOT NULL,
    administrative_area text NOT NULL,
    postal_code text NOT NULL,
    country_code text NOT NULL,
    phone text NOT NULL,
    CONSTRAINT addresses_pk PRIMARY KEY (order_id, merchant_id),
    CONSTRAINT addresses_order_fk FOREIGN KEY (order_id, merchant_id) REFERENCES orders.orders (id, merchant_id),
    CONSTRAINT addresses_country CHECK (country_code ~ '^[A-Z]{2}$'),
    CONSTRAINT addresses_lines CHECK (cardinality(address_lines) BETWEEN 1 AND 4)
) PARTITION BY RANGE (order_id);

CREATE TABLE orders.history (
    order_id uuid NOT NULL,
    seq int NOT NULL,
    merchant_id uuid NOT NULL,
    from_state text,
    to_state text NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL DEFAULT '',
    -- The payment operation that caused it, if one did.
    cause_id uuid,
    created_time timestamptz NOT NULL,
    CONSTRAINT history_pk PRIMARY KEY (order_id, seq, merchant_id),
    CONSTRAINT history_order_fk FOREIGN KEY (order_id, merchant_id) REFERENCES orders.orders (id, merchant_id),
    CONSTRAINT history_transition CHECK (
        (seq = 1 AND from_state IS NULL AND to_state = 'PENDING')
        OR (seq > 1 AND (from_state, to_state) IN (
            ('PENDING', 'CONFIRMED'), ('PENDING', 'CANCELLED'),
            ('CONFIRMED', 'PROCESSING'), ('CONFIRMED', 'SHIPPED'), ('CONFIRMED', 'CANCELLED'),
            ('PROCESSING', 'SHIPPED'), ('PROCESSING', 'CANCELLED'),
            ('SHIPPED', 'DELIVERED'), ('SHIPPED', 'REFUNDED'), ('DELIVERED', 'REFUNDED')))),
    CONSTRAINT history_cancel_reason CHECK (to_state <> 'CANCELLED' OR reason <> '')
) PARTITION BY RANGE (order_id);

CREATE TABLE orders.shipments (
    order_id uuid NOT NULL,
    shipment_no int NOT NULL,
    merchant_id uuid NOT NULL,
    tracking_number text NOT NULL,
    carrier text NOT NULL,
    created_time timestamptz NOT NULL,
    CONSTRAINT shipments_pk PRIMARY KEY (order_id, shipment_no, merchant_id),
    CONSTRAINT shipments_order_fk FOREIGN KEY (order_id, merchant_id) REFERENCES orders.orders (id, merchant_id)
) PARTITION BY RANGE (order_id);

CREATE TABLE orders.shipment_lines (
    order_id uuid NOT NULL,
    shipment_no int NOT NULL,
    line_no int NOT NULL,
    merchant_id uuid NOT NULL,
    quantity bigint NOT NULL,
    CONSTRAINT shipment_lines_pk PRIMARY KEY (order_id, shipment_no, line_no, merchant_id),
    CONSTRAINT shipment_lines_shipment_fk FOREIGN KEY (order_id, shipment_no, merchant_id)
        REFERENCES orders.shipments (order_id, shipment_no, merchant_id),
    CONSTRAINT shipment_lines_line_fk FOREIGN KEY (order_id, line_no, merchant_id)
        REFERENCES orders.lines (order_id, line_no, merchant_id),
    CONSTRAINT shipment_lines_quantity CHECK (quantity > 0)
) PARTITION BY RANGE (order_id);

-- The merchant's queue: CONFIRMED and PROCESSING orders. Rows come and go with the transition.
CREATE TABLE orders.fulfilment_queue (
    merchant_id uuid NOT NULL,
    order_id uuid NOT NULL,
    CONSTRAINT fulfilment_queue_pk PRIMARY KEY (merchant_id, order_id)
) WITH (autovacuum_vacuum_scale_factor = 0.01);

-- PENDING orders by the end of their hold.
CREATE TABLE orders.expiry_queue (
    order_id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT expiry_queue_pk PRIMARY KEY (merchant_id, order_id)
) WITH (autovacuum_vacuum_scale_factor = 0.01);
CREATE INDEX expiry_queue_due ON orders.expiry_queue (expires_at);
COMMENT ON INDEX orders.expiry_queue_due IS 'expiry worker: what is overdue, oldest first';

-- Unique for ever, over all months.
CREATE TABLE orders.client_references (
    merchant_id uuid NOT NULL,
    client_reference text NOT NULL,
    order_id uuid NOT NULL,
    CONSTRAINT client_references_pk PRIMARY KEY (merchant_id, client_reference)
) PARTITION BY HASH (client_reference);
CREATE TABLE orders.tracking_numbers (
    merchant_id uuid NOT NULL,
    tracking_number text NOT NULL,
    order_id uuid NOT NULL,
    CONSTRAINT tracking_numbers_pk PRIMARY KEY (merchant_id, tracking_number)
) PARTITION BY HASH (tracking_number);

DO $$
BEGIN
    FOR part IN 0..7 LOOP
        EXECUTE format('CREATE TABLE orders.client_references_%s PARTITION OF orders.client_references
                        FOR VALUES WITH (MODULUS 8, REMAINDER %s)', part, part);
        EXECUTE format('CREATE TABLE orders.tracking_numbers_%s PARTITION OF orders.tracking_numbers
                        FOR VALUES WITH (MODULUS 8, REMAINDER %s)', part, part);
    END LOOP;
END
$$;

INSERT INTO platform.monthly_tables (schema_name, table_name, position, fillfactor) VALUES
    ('orders', 'orders', 40, 80),
    ('orders', 'lines', 41, 100),
    ('orders', 'addresses', 41, 100),
    ('orders', 'history', 41, 100),
    ('orders', 'shipments', 41, 100),
    ('orders', 'shipment_lines', 42, 100);

GRANT SELECT, INSERT, UPDATE (state, captured, refunded, seq, updated_time, expires_at) ON orders.orders TO purser_write;
GRANT SELECT, INSERT ON orders.lines, orders.addresses, orders.history, orders.shipments, orders.shipment_lines
    TO purser_write;
GRANT SELECT, INSERT, DELETE ON orders.fulfilment_queue, orders.expiry_queue TO purser_write;
-- DELETE frees what a refused command claimed, in the transaction that claimed it.
GRANT SELECT, INSERT, DELETE ON orders.client_references, orders.tracking_numbers TO purser_write;
GRANT SELECT ON ALL TABLES IN SCHEMA orders TO purser_read;

CREATE VIEW orders.facts_orders AS
    SELECT o.id, o.merchant_id, o.customer_id, o.client_reference, o.state, o.currency, o.subtotal, o.discount, o.tax,
           o.shipping, o.total, o.captured, o.refunded, o.line_count, o.unit_count, o.seq, o.ordered_time, o.created_time,
           o.expires_at
    FROM orders.orders o;
CREATE VIEW orders.facts_lines AS
    SELECT l.order_id, l.line_no, l.merchant_id, l.sku_id, l.quantity, l.unit_price, l.line_total, l.location
    FROM orders.lines l;
CREATE VIEW orders.facts_history AS
    SELECT h.order_id, h.seq, h.merchant_id, h.from_state, h.to_state, h.cause_id, h.created_time FROM orders.history h;
CREATE VIEW orders.facts_shipment_lines AS
    SELECT s.order_id, s.shipment_no, s.line_no, s.merchant_id, s.quantity FROM orders.shipment_lines s;
CREATE VIEW orders.facts_fulfilment_queue AS SELECT q.merchant_id, q.order_id FROM orders.fulfilment_queue q;
CREATE VIEW orders.facts_expiry_queue AS SELECT q.merchant_id, q.order_id, q.expires_at FROM orders.expiry_queue q;
GRANT SELECT ON orders.facts_orders, orders.facts_lines, orders.facts_history, orders.facts_shipment_lines,
    orders.facts_fulfilment_queue, orders.facts_expiry_queue TO purser_finance;

RESET ROLE;
