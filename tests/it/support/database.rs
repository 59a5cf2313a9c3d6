//! Looking behind the scenes.

use std::collections::BTreeMap;

use tokio_postgres::Client;

/// Rows of every table.
pub async fn row_counts(client: &Client) -> BTreeMap<String, i64> {
    let tables = client
        .query(
            "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables
             WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')",
            &[],
        )
        .await
        .unwrap();
    let mut counts = BTreeMap::new();
    for table in tables {
        let table: String = table.get(0);
        let count = client.query_one(&format!("SELECT count(*) FROM {table}"), &[]).await.unwrap().get(0);
        counts.insert(table, count);
    }
    counts
}

/// One number.
pub async fn number(client: &Client, sql: &str) -> i64 {
    client.query_one(sql, &[]).await.unwrap().get(0)
}
