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

/// Lets the leases of captures whose process was killed run out. Waiting for that by the clock would prove no more.
/// Returns how many there were.
pub async fn leases_run_out(client: &Client) -> u64 {
    let over = "UPDATE payments.in_flight
                SET lease_until = now() - interval '1 s', next_check_at = now() - interval '1 s'";
    client.execute(over, &[]).await.unwrap()
}
