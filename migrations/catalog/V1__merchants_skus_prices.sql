-- Merchants, products, SKUs, prices. Identity rows (id, merchant, code) are insert-only, because orders and stock refer
-- to them and an update of a referred-to key would block checkouts; attributes stand beside them in 1:1 tables.
SET LOCAL ROLE purser_owner;
SET LOCAL lock_timeout = '5s';

CREATE TABLE catalog.merchants (
    id uuid NOT NULL,
    -- The code folded by the application; uniqueness without regard to case needs no function in an index.
    code_key text NOT NULL,
    created_time timestamptz NOT NULL,
    CONSTRAINT merchants_pk PRIMARY KEY (id),
    CONSTRAINT merchants_code_key UNIQUE (code_key),
    CONSTRAINT merchants_code_length CHECK (char_length(code_key) BETWEEN 2 AND 40)
);

CREATE TABLE catalog.merchant_details (
    merchant_id uuid NOT NULL,
    code text NOT NULL,
    display_name text NOT NULL,
    updated_time timestamptz NOT NULL,
    CONSTRAINT merchant_details_pk PRIMARY KEY (merchant_id),
    CONSTRAINT merchant_details_merchant_fk FOREIGN KEY (merchant_id) REFERENCES catalog.merchants (id),
    CONSTRAINT merchant_details_name_length CHECK (char_length(display_name) BETWEEN 1 AND 200)
);

CREATE TABLE catalog.products (
    id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    display_name text NOT NULL,
    created_time timestamptz NOT NULL,
    CONSTRAINT products_pk PRIMARY KEY (id, merchant_id),
    CONSTRAINT products_merchant_fk FOREIGN KEY (merchant_id) REFERENCES catalog.merchants (id),
    CONSTRAINT products_name_length CHECK (char_length(display_name) BETWEEN 1 AND 200)
);

CREATE TABLE catalog.skus (
    id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    code_key text NOT NULL,
    created_time timestamptz NOT NULL,
    CONSTRAINT skus_pk PRIMARY KEY (id, merchant_id),
    CONSTRAINT skus_code_key UNIQUE (merchant_id, code_key),
    CONSTRAINT skus_merchant_fk FOREIGN KEY (merchant_id) REFERENCES catalog.merchants (id),
    CONSTRAINT skus_code_length CHECK (char_length(code_key) BETWEEN 1 AND 64)
);

CREATE TABLE catalog.sku_details (
    sku_id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    code text NOT NULL,
    product_id uuid,
    display_name text NOT NULL,
    tracks_stock boolean NOT NULL,
    active boolean NOT NULL,
    updated_time timestamptz NOT NULL,
    CONSTRAINT sku_details_pk PRIMARY KEY (sku_id, merchant_id),
    CONSTRAINT sku_details_sku_fk FOREIGN KEY (sku_id, merchant_id) REFERENCES catalog.skus (id, merchant_id),
    CONSTRAINT sku_details_product_fk FOREIGN KEY (product_id, merchant_id)
        REFERENCES catalog.products (id, merchant_id),
    CONSTRAINT sku_details_name_length CHECK (char_length(display_name) BETWEEN 1 AND 200)
);
CREATE INDEX sku_details_product ON catalog.sku_details (product_id, merchant_id) WHERE product_id IS NOT NULL;
COMMENT ON INDEX catalog.sku_details_product IS 'foreign key to products';

-- Interval pricing. A row's price never changes; only an open end is closed. Intervals of one SKU and currency never
-- overlap, whoever writes them.
CREATE TABLE catalog.prices (
    merchant_id uuid NOT NULL,
    sku_id uuid NOT NULL,
    currency text NOT NULL,
    start_time timestamptz NOT NULL,
    end_time timestamptz,
    -- Minor units.
    unit_price bigint NOT NULL,
    CONSTRAINT prices_pk PRIMARY KEY (merchant_id, sku_id, currency, start_time),
    CONSTRAINT prices_sku_fk FOREIGN KEY (sku_id, merchant_id) REFERENCES catalog.skus (id, merchant_id),
    CONSTRAINT prices_interval CHECK (end_time > start_time),
    CONSTRAINT prices_not_negative CHECK (unit_price >= 0),
    CONSTRAINT prices_currency CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT prices_no_overlap EXCLUDE USING gist
        (merchant_id WITH =, sku_id WITH =, currency WITH =, tstzrange(start_time, end_time) WITH &&)
);
CREATE INDEX prices_newest ON catalog.prices (merchant_id, sku_id, start_time, currency);
COMMENT ON INDEX catalog.prices_newest IS 'ListPrices of a SKU, newest first';

GRANT SELECT, INSERT ON catalog.merchants, catalog.products, catalog.skus TO purser_write;
GRANT SELECT, INSERT ON catalog.merchant_details TO purser_write;
GRANT SELECT, INSERT, UPDATE (product_id, display_name, active, updated_time) ON catalog.sku_details TO purser_write;
GRANT SELECT, INSERT, UPDATE (end_time) ON catalog.prices TO purser_write;
GRANT SELECT ON ALL TABLES IN SCHEMA catalog TO purser_read;

CREATE VIEW catalog.facts_skus AS
    SELECT s.id AS sku_id, s.merchant_id, d.code, d.tracks_stock, d.active
    FROM catalog.skus s JOIN catalog.sku_details d ON d.sku_id = s.id AND d.merchant_id = s.merchant_id;
GRANT SELECT ON catalog.facts_skus TO purser_finance;

RESET ROLE;
