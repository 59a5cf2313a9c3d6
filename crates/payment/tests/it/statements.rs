//! Every statement prepares against the migrated schema, and no lane's statement reads a whole table.

use std::collections::BTreeSet;

use testkit::TestDatabase;

// As the pool of the lanes sets them.
const LANE: &str =
    "SET ROLE purser_write; SET plan_cache_mode = force_generic_plan; SET enable_hashjoin = off;
    SET enable_mergejoin = off; SET enable_seqscan = off; SET jit = off";

#[tokio::test]
async fn every_statement_prepares_and_finds_its_rows_by_an_index() {
    let test = TestDatabase::new().await;
    let client = test.client().await;
    client.batch_execute(LANE).await.unwrap();
    for (number, sql) in payment::statements().into_iter().enumerate() {
        let statement =
            client.prepare(sql.text).await.unwrap_or_else(|error| panic!("{}: {error:?}", sql.name));
        let nulls = vec!["NULL"; statement.params().len()].join(", ");
        client.batch_execute(&format!("PREPARE plan_{number} AS {}", sql.text)).await.unwrap();
        let rows = client.query(&format!("EXPLAIN EXECUTE plan_{number}({nulls})"), &[]).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        let plan = plan.join("\n");
        for bad in ["Seq Scan", "Hash Join", "Merge Join"] {
            assert!(!plan.contains(bad), "{}:\n{plan}", sql.name);
        }
    }
}

#[test]
fn every_file_of_sql_is_used() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/src/store");
    let files: BTreeSet<String> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".sql").map(str::to_owned))
        .collect();
    let used =
        payment::statements().into_iter().map(|sql| sql.name.trim_end_matches(" SKIP LOCKED").to_owned());
    assert_eq!(files, used.collect());
}
