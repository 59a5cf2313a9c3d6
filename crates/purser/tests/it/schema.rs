//! Rules that the migrated schema keeps, read from the catalogue of the database itself.

use testkit::TestDatabase;
use tokio_postgres::Client;

const OURS: &str = "('platform', 'catalog', 'inventory', 'payments', 'orders')";

async fn names(client: &Client, sql: &str) -> Vec<String> {
    client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn no_index_mentions_a_state_so_that_transitions_rewrite_no_index() {
    let database = TestDatabase::new().await;
    let sql = format!(
        "SELECT indexdef FROM pg_indexes WHERE schemaname IN {OURS} AND indexdef ~ '\\mstate\\M' ORDER BY 1"
    );
    assert_eq!(names(&database.client().await, &sql).await, Vec::<String>::new());
}

#[tokio::test]
async fn every_unique_key_of_a_tenants_table_contains_the_tenant() {
    let database = TestDatabase::new().await;
    // The id of a merchant is the tenant itself; its code is unique over all of them.
    let sql = format!(
        "SELECT i.indexrelid::regclass::text
         FROM pg_index i
         JOIN pg_class t ON t.oid = i.indrelid AND NOT t.relispartition
         JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname IN {OURS}
         JOIN pg_attribute tenant ON tenant.attrelid = t.oid AND tenant.attname = 'merchant_id'
         WHERE i.indisunique AND NOT tenant.attnum = ANY (i.indkey::smallint[])"
    );
    assert_eq!(names(&database.client().await, &sql).await, Vec::<String>::new());
}

#[tokio::test]
async fn every_index_is_of_a_constraint_or_says_which_access_it_serves() {
    let database = TestDatabase::new().await;
    let sql = format!(
        "SELECT i.indexrelid::regclass::text
         FROM pg_index i
         JOIN pg_class x ON x.oid = i.indexrelid AND NOT x.relispartition
         JOIN pg_namespace n ON n.oid = x.relnamespace AND n.nspname IN {OURS}
         WHERE NOT i.indisunique AND NOT i.indisexclusion AND obj_description(i.indexrelid, 'pg_class') IS NULL
             AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)"
    );
    assert_eq!(names(&database.client().await, &sql).await, Vec::<String>::new());
}

#[tokio::test]
async fn every_month_has_the_storage_settings_of_its_table() {
    let database = TestDatabase::new().await;
    let sql = "SELECT p.oid::regclass::text || ' ' || coalesce(array_to_string(p.reloptions, ','), '-')
        FROM platform.monthly_tables t
        JOIN pg_inherits i ON i.inhparent = format('%I.%I', t.schema_name, t.table_name)::regclass
        JOIN pg_class p ON p.oid = i.inhrelid
        WHERE NOT coalesce(p.reloptions @> ARRAY['fillfactor=' || t.fillfactor, 'autovacuum_vacuum_scale_factor=0.02'],
                           false)";
    assert_eq!(names(&database.client().await, sql).await, Vec::<String>::new());
}

#[tokio::test]
async fn no_partitioned_table_has_a_default_partition() {
    let database = TestDatabase::new().await;
    let sql = "SELECT partrelid::regclass::text FROM pg_partitioned_table WHERE partdefid <> 0";
    assert_eq!(names(&database.client().await, sql).await, Vec::<String>::new());
}

#[tokio::test]
async fn money_is_never_a_float_or_a_numeric() {
    let database = TestDatabase::new().await;
    let sql = format!(
        "SELECT table_schema || '.' || table_name || '.' || column_name FROM information_schema.columns
         WHERE table_schema IN {OURS} AND data_type IN ('real', 'double precision', 'numeric', 'money')"
    );
    assert_eq!(names(&database.client().await, &sql).await, Vec::<String>::new());
}
