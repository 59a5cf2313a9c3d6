-- Months: every table that grows with time is partitioned by month on a UUIDv7, and its partitions are made ahead by
-- one function. A context registers its tables, parents before children.
SET LOCAL ROLE purser_owner;
SET LOCAL lock_timeout = '5s';

CREATE TABLE platform.monthly_tables (
    schema_name text NOT NULL,
    table_name text NOT NULL,
    -- Parents have lower positions than the tables that refer to them.
    position int NOT NULL,
    fillfactor int NOT NULL DEFAULT 100,
    CONSTRAINT monthly_tables_pk PRIMARY KEY (schema_name, table_name),
    CONSTRAINT monthly_tables_fillfactor CHECK (fillfactor BETWEEN 10 AND 100)
);

-- The smallest UUID whose 48-bit time prefix is this moment: the boundary between months.
CREATE FUNCTION platform.first_id(at timestamptz) RETURNS uuid
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog
    RETURN (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid;

-- Makes the partitions of this month and of `ahead` months more, and returns how many it made. Another process that is
-- at it already is not waited for. LIKE and ATTACH, because PARTITION OF would lock every reader out; a lock that is not
-- free in 200 ms fails the call (55P03), which is simply repeated later.
CREATE FUNCTION platform.ensure_months(at timestamptz, ahead int) RETURNS int
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog
    SET lock_timeout = '200ms'
    -- Boundaries are UTC months whatever the session thinks.
    SET timezone = 'UTC'
AS $$
DECLARE
    made int := 0;
    month timestamptz;
    wanted record;
    partition_name text;
BEGIN
    IF ahead NOT BETWEEN 0 AND 24 THEN
        RAISE EXCEPTION 'months ahead must be 0 to 24';
    END IF;
    IF NOT pg_try_advisory_xact_lock(hashtext('purser.ensure_months')) THEN
        RETURN 0;
    END IF;
    -- A day back: a process whose clock is slow still finds its month on the first of the next one.
    FOR month IN
        SELECT generate_series(date_trunc('month', at - interval '1 day'),
                               date_trunc('month', at) + make_interval(months => ahead), interval '1 month')
    LOOP
        FOR wanted IN
            SELECT t.schema_name, t.table_name, t.fillfactor FROM platform.monthly_tables t
            ORDER BY t.position, t.schema_name, t.table_name
        LOOP
            partition_name := format('%s_%s', wanted.table_name, to_char(month, 'YYYY_MM'));
            IF to_regclass(format('%I.%I', wanted.schema_name, partition_name)) IS NOT NULL THEN
                CONTINUE;
            END IF;
            EXECUTE format('CREATE TABLE %1$I.%2$I (LIKE %1$I.%3$I INCLUDING ALL)
                            WITH (fillfactor = %4$s, autovacuum_vacuum_scale_factor = 0.02)',
                           wanted.schema_name, partition_name, wanted.table_name, wanted.fillfactor);
            EXECUTE format('ALTER TABLE %1$I.%3$I ATTACH PARTITION %1$I.%2$I FOR VALUES FROM (%4$L) TO (%5$L)',
                           wanted.schema_name, partition_name, wanted.table_name,
                           platform.first_id(month), platform.first_id(month + interval '1 month'));
            made := made + 1;
        END LOOP;
    END LOOP;
    RETURN made;
END
$$;

-- How many months after the month of `at` exist without a gap, for the table that has the fewest: the alarm's input.
CREATE FUNCTION platform.months_ahead(at timestamptz) RETURNS int
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog
    SET timezone = 'UTC'
AS $$
    SELECT coalesce(min(ahead), 0)::int
    FROM (
        SELECT (SELECT coalesce(min(n), 25) - 1
                FROM generate_series(0, 24) n
                WHERE to_regclass(format('%I.%I', t.schema_name, t.table_name || '_'
                          || to_char(date_trunc('month', at) + make_interval(months => n), 'YYYY_MM'))) IS NULL) AS ahead
        FROM platform.monthly_tables t
    ) per_table
$$;

-- Planner statistics of the partitioned parents, which autovacuum never gathers.
CREATE FUNCTION platform.analyze_parents() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog
AS $$
DECLARE
    wanted record;
BEGIN
    FOR wanted IN SELECT t.schema_name, t.table_name FROM platform.monthly_tables t LOOP
        EXECUTE format('ANALYZE %I.%I', wanted.schema_name, wanted.table_name);
    END LOOP;
END
$$;

REVOKE ALL ON FUNCTION platform.ensure_months(timestamptz, int) FROM PUBLIC;
REVOKE ALL ON FUNCTION platform.analyze_parents() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION platform.ensure_months(timestamptz, int), platform.analyze_parents() TO purser_write;
GRANT SELECT ON platform.monthly_tables TO purser_write, purser_read, purser_finance;

CREATE VIEW platform.facts_months AS SELECT platform.months_ahead(now()) AS months_ahead;
GRANT EXECUTE ON FUNCTION platform.months_ahead(timestamptz) TO purser_finance;
GRANT SELECT ON platform.facts_months TO purser_finance;

RESET ROLE;
