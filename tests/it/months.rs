//! Months are made ahead of time, and it is noticed when they are not.

use serde_json::Value;
use testkit::eventually;
use tokio_postgres::Client;

use crate::support::database::number;
use crate::support::process::{PATIENCE, purser};
use crate::support::world::World;

const AHEAD: &str = "SELECT platform.months_ahead(now())::bigint";

/// The name of a table's partition so many months from now.
async fn partition(client: &Client, table: &str, months: i32) -> String {
    let sql = "SELECT $1 || to_char(date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => $2), '_YYYY_MM')";
    client.query_one(sql, &[&table, &months]).await.unwrap().get(0)
}

#[tokio::test]
async fn every_growing_table_has_three_months_ahead_after_migrate() {
    let world = World::new().await;
    let client = world.database.client().await;
    assert!(number(&client, AHEAD).await >= 3);
    // By the bounds themselves, not by their names.
    let missing = "SELECT t.schema_name || '.' || t.table_name || ' ' || n
        FROM platform.monthly_tables t CROSS JOIN generate_series(0, 3) n
        WHERE NOT EXISTS (
            SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = format('%I.%I', t.schema_name, t.table_name)::regclass
              AND pg_get_expr(c.relpartbound, c.oid) = format('FOR VALUES FROM (%L) TO (%L)',
                  platform.first_id(date_trunc('month', now(), 'UTC') + make_interval(months => n)),
                  platform.first_id(date_trunc('month', now(), 'UTC') + make_interval(months => n + 1))))";
    let missing: Vec<String> =
        client.query(missing, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    // And no growing table was forgotten.
    let parents = "SELECT count(*) FROM pg_partitioned_table WHERE partstrat = 'r'";
    let registered = "SELECT count(*) FROM platform.monthly_tables";
    assert_eq!(number(&client, parents).await, number(&client, registered).await);
}

#[tokio::test]
async fn a_month_that_is_missing_is_told_by_the_check_the_metric_and_the_log_until_it_is_made() {
    let world = World::new().await;
    let client = world.database.client().await;
    // Whoever makes months finds somebody at it already, so that it stays missing.
    client.batch_execute("SELECT pg_advisory_lock(hashtext('purser.ensure_months'))").await.unwrap();
    let gone = partition(&client, "platform.events", 2).await;
    client.batch_execute(&format!("DROP TABLE {gone}")).await.unwrap();
    assert_eq!(number(&client, AHEAD).await, 1);

    let url = world.database.url();
    let check = purser(["check", "--json", "--database-url", &url]).output().await.unwrap();
    assert_eq!(check.status.code(), Some(1), "{}", String::from_utf8_lossy(&check.stderr));
    let found: Value = serde_json::from_slice(&check.stdout).unwrap();
    let violated = found["checks"].as_array().unwrap().iter().filter(|check| check["violations"] != 0);
    let violated: Vec<_> = violated.map(|check| check["name"].as_str().unwrap()).collect();
    assert_eq!(violated, ["months_are_made_ahead"]);

    let serving = world.serve().await;
    let shows = async |ahead: i32| {
        let metrics = serving.get("/metrics").await;
        let gauge = metrics.lines().find(|line| line.starts_with("purser_partitions_months_ahead"))?;
        gauge.ends_with(&format!(" {ahead}")).then_some(())
    };
    eventually(PATIENCE, async || shows(1).await).await;
    let alarm = |line: &str| line.contains("ERROR") && line.contains("partitions are missing ahead");
    eventually(PATIENCE, async || serving.log().lines().any(alarm).then_some(())).await;

    client.batch_execute("SELECT pg_advisory_unlock_all()").await.unwrap();
    eventually(PATIENCE, async || shows(3).await).await;
    assert_eq!(number(&client, AHEAD).await, 3);
    drop(client);
    serving.stop().await;
    world.adds_up().await;
}
