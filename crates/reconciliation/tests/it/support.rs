//! The shop, and faults planted in it.

use std::collections::BTreeSet;

use reconciliation::check::{self, Report};
use testkit::TestDatabase;

/// A fault: what is done behind the system's back, and the checks that report it, all of them.
pub struct Plant {
    pub sql: &'static str,
    pub found_by: &'static [&'static str],
}

pub const fn plant(found_by: &'static [&'static str], sql: &'static str) -> Plant {
    Plant { sql, found_by }
}

/// A shop in which everything adds up.
pub async fn shop() -> TestDatabase {
    let database = TestDatabase::new().await;
    database.client().await.batch_execute(include_str!("world.sql")).await.unwrap();
    database
}

/// Plants a fault. Foreign keys are off: what they hold, a check holds too.
pub async fn sow(database: &TestDatabase, sql: &str) {
    let sql = format!("SET session_replication_role = replica; {sql}");
    if let Err(error) = database.client().await.batch_execute(&sql).await {
        panic!("{sql}: {error:?}");
    }
}

pub async fn report(database: &TestDatabase) -> Report {
    check::run(&database.url()).await.unwrap()
}

pub fn violated(report: &Report) -> BTreeSet<&'static str> {
    report.violated().map(|check| check.name).collect()
}

/// Plants each fault alone; exactly the checks that it names must report it.
pub async fn assert_found(plants: &[Plant]) {
    let database = shop().await;
    let client = database.client().await;
    for plant in plants {
        // Undone by the rollback, so that one shop does for all.
        let sown = format!(
            "BEGIN; SET LOCAL session_replication_role = replica; {}; SET LOCAL ROLE purser_finance",
            plant.sql
        );
        if let Err(error) = client.batch_execute(&sown).await {
            panic!("{sown}: {error:?}");
        }
        let report = check::within(&client, None).await.unwrap();
        let expected: BTreeSet<&str> = plant.found_by.iter().copied().collect();
        assert_eq!(violated(&report), expected, "{}\n{report}", plant.sql);
        client.batch_execute("ROLLBACK").await.unwrap();
    }
}
