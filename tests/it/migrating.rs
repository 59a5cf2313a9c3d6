//! A database without the schema: processes wait for it, and serve once it was migrated.

use testkit::TestDatabase;
use tonic_health::pb::health_check_response::ServingStatus;

use crate::support::process::{Serving, purser};
use crate::support::provider::Provider;
use crate::support::shop::Shop;

#[tokio::test]
async fn a_process_serves_once_the_schema_is_there() {
    let (database, provider) = (TestDatabase::empty().await, Provider::start().await);
    let url = database.url();
    let arguments =
        ["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0", "--provider-url", &provider.url];
    let mut command = purser(["serve"]);
    command.args(arguments).env("DATABASE_URL", &url);
    let serving = Serving::start(command).await;
    assert_eq!(serving.health("").await, Some(ServingStatus::NotServing));
    assert_eq!(serving.health("purser.order.v1.OrderService").await, Some(ServingStatus::NotServing));

    for _ in 0..2 {
        let migrated = purser(["migrate", "--database-url", &url]).output().await.unwrap();
        assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
    }
    let serving = serving.ready().await;
    Shop::open(&serving).await;
    serving.stop().await;
}
