-- Roles per function of a process, and one schema per context. Runs as the login user of `purser migrate`, who must
-- be allowed to create roles; everything after it runs as purser_owner.
SET LOCAL lock_timeout = '5s';

-- Roles belong to the cluster: another database of the same cluster may have made them, or be making them now.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['purser_owner', 'purser_write', 'purser_read', 'purser_finance'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;
            END;
        END IF;
        -- USAGE, not MEMBER: from PostgreSQL 16 on the creator of a role is a member without being allowed to use it.
        IF NOT pg_has_role(current_user, wanted, 'USAGE') THEN
            EXECUTE format('GRANT %I TO current_user', wanted);
        END IF;
    END LOOP;
END
$$;

-- Equality on uuid and text inside the exclusion constraint of prices. A trusted extension.
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE SCHEMA platform AUTHORIZATION purser_owner;
CREATE SCHEMA catalog AUTHORIZATION purser_owner;
CREATE SCHEMA inventory AUTHORIZATION purser_owner;
CREATE SCHEMA payments AUTHORIZATION purser_owner;
CREATE SCHEMA orders AUTHORIZATION purser_owner;
CREATE SCHEMA reconciliation AUTHORIZATION purser_owner;

GRANT USAGE ON SCHEMA platform, catalog, inventory, payments, orders
    TO purser_write, purser_read, purser_finance;
GRANT USAGE ON SCHEMA reconciliation TO purser_finance;
