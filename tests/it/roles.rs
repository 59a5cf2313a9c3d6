//! What is written once stays: no role of a process can change, delete or truncate it, in the parent or in a partition.

use testkit::TestDatabase;
use tokio_postgres::Client;

const ROLES: [&str; 3] = ["purser_write", "purser_read", "purser_finance"];

/// What only grows.
const APPEND_ONLY: [&str; 12] = [
    "catalog.merchant_details",
    "catalog.merchants",
    "catalog.products",
    "catalog.skus",
    "inventory.movements",
    "orders.addresses",
    "orders.history",
    "orders.lines",
    "orders.shipment_lines",
    "orders.shipments",
    "payments.provider_references",
    "platform.events",
];

/// These tables and all their partitions.
async fn with_partitions(client: &Client, parents: &[&str]) -> Vec<String> {
    let sql = "WITH RECURSIVE family AS (
                   SELECT parent::regclass AS id FROM unnest($1::text[]) parent
                   UNION ALL SELECT i.inhrelid::regclass FROM family f JOIN pg_inherits i ON i.inhparent = f.id)
               SELECT format('%I.%I', n.nspname, c.relname)
               FROM family f JOIN pg_class c ON c.oid = f.id JOIN pg_namespace n ON n.oid = c.relnamespace";
    names(client.query(sql, &[&parents]).await.unwrap())
}

/// Every table there is, partitions among them.
async fn every_table(client: &Client) -> Vec<String> {
    let sql = "SELECT format('%I.%I', n.nspname, c.relname)
               FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE c.relkind IN ('r', 'p') AND n.nspname IN
                   ('platform', 'catalog', 'inventory', 'payments', 'orders', 'reconciliation')";
    names(client.query(sql, &[]).await.unwrap())
}

fn names(rows: Vec<tokio_postgres::Row>) -> Vec<String> {
    rows.iter().map(|row| row.get(0)).collect()
}

async fn columns(client: &Client, table: &str) -> Vec<String> {
    let sql = "SELECT quote_ident(attname) FROM pg_attribute
               WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped";
    names(client.query(sql, &[&table]).await.unwrap())
}

async fn is_denied(client: &Client, role: &str, statement: &str) {
    let error = client.batch_execute(statement).await.expect_err(statement);
    assert_eq!(error.code().map(|code| code.code()), Some("42501"), "{role}: {statement}: {error:?}");
}

#[tokio::test]
async fn no_role_changes_or_deletes_what_only_grows() {
    let database = TestDatabase::new().await;
    let admin = database.client().await;
    let tables = with_partitions(&admin, &APPEND_ONLY).await;
    assert!(tables.len() > APPEND_ONLY.len() + 6 * 4, "partitions are among them: {tables:?}");
    let mut statements = Vec::new();
    for table in &tables {
        for column in columns(&admin, table).await {
            statements.push(format!("UPDATE {table} SET {column} = {column} WHERE false"));
        }
        statements.push(format!("DELETE FROM {table} WHERE false"));
        statements.push(format!("SELECT FROM {table} FOR UPDATE"));
    }
    // They are right as statements: it is the role that is refused.
    for statement in &statements {
        admin.batch_execute(statement).await.expect(statement);
    }
    for role in ROLES {
        let client = database.client_as(role).await;
        for statement in &statements {
            is_denied(&client, role, statement).await;
        }
    }
}

#[tokio::test]
async fn no_role_truncates_drops_or_owns_a_table() {
    let database = TestDatabase::new().await;
    let admin = database.client().await;
    let tables = every_table(&admin).await;
    assert!(tables.len() > 60, "{tables:?}");
    for role in ROLES {
        let client = database.client_as(role).await;
        for table in &tables {
            is_denied(&client, role, &format!("TRUNCATE {table}")).await;
            is_denied(&client, role, &format!("DROP TABLE {table}")).await;
        }
    }
}
