//! One time for all processes: the primary's.

use std::sync::Arc;

use kernel::Clock;
use platform::database_clock;
use platform::db::{Database, DatabaseConfig};
use testkit::TestDatabase;

#[tokio::test]
async fn a_process_follows_the_databases_clock_whatever_it_believed_before() {
    let database = TestDatabase::new().await;
    let pools = Database::new(&DatabaseConfig::new(database.url())).unwrap();
    let clock = Arc::new(Clock::default());
    // As if this machine were ten minutes ahead of the primary.
    clock.set_database_offset(time::Duration::minutes(-10));
    assert!(clock.wall() - clock.now() > time::Duration::minutes(9));
    let offset = database_clock::measure(&pools, &clock).await.unwrap();
    assert!((offset - clock.database_offset()).abs() < time::Duration::MICROSECOND);
    let theirs: kernel::Timestamp =
        database.client().await.query_one("SELECT clock_timestamp()", &[]).await.unwrap().get(0);
    assert!((theirs - clock.now()).abs() < time::Duration::seconds(1));
}
