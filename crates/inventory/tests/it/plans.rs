//! A lane's plans must not depend on how full the database is.

use std::collections::BTreeSet;

use inventory::commands::StockChange;
use platform::group_commit::Kind;

use crate::support::{TestSkus, world};

/// How many parameters a statement has.
fn params(text: &str) -> usize {
    (1..).take_while(|number| text.contains(&format!("${number}"))).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_of_the_lane_never_scan_a_whole_table() {
    let world = world().await;
    let statements = StockChange::new(std::sync::Arc::new(TestSkus)).statements();
    let client = world.db.write().await.unwrap();
    let mut seen = BTreeSet::new();
    for sql in statements.into_iter().filter(|sql| !sql.name.starts_with("test_")) {
        client.batch_execute(&format!("PREPARE planned AS {}", sql.text)).await.unwrap();
        let nulls = vec!["NULL"; params(sql.text)].join(", ");
        let plan = client.simple_query(&format!("EXPLAIN EXECUTE planned ({nulls})")).await.unwrap();
        client.batch_execute("DEALLOCATE planned").await.unwrap();
        let plan = format!("{plan:?}");
        for bad in ["Seq Scan", "Hash Join", "Merge Join"] {
            assert!(!plan.contains(bad), "{}: {bad} in {plan}", sql.name);
        }
        seen.insert(sql.name);
    }
    assert!(seen.contains("lock_stock") && seen.contains("reclaim_holds"), "{seen:?}");
}
