use std::time::Duration;

use testkit::{TestDatabase, eventually};

async fn exists(on: &TestDatabase, name: &str) -> bool {
    let client = on.client().await;
    client.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&name]).await.unwrap().is_some()
}

#[tokio::test]
async fn every_test_has_a_database_of_its_own() {
    let (one, other) = tokio::join!(TestDatabase::new(), TestDatabase::new());
    one.client().await.batch_execute("CREATE TABLE only_here (x int)").await.unwrap();
    let seen =
        other.client().await.query_one("SELECT to_regclass('public.only_here')::text", &[]).await.unwrap();
    assert_eq!(seen.get::<_, Option<String>>(0), None);
}

#[tokio::test]
async fn name_tells_whose_it_is() {
    let database = TestDatabase::new().await;
    assert!(database.name().starts_with("t_name_tells_whose_it_is_"), "{}", database.name());
}

#[tokio::test]
async fn database_is_gone_when_dropped_while_a_client_is_connected() {
    let watcher = TestDatabase::empty().await;
    let database = TestDatabase::empty().await;
    let name = database.name().to_owned();
    let client = database.client().await;
    assert!(exists(&watcher, &name).await);
    drop(database);
    assert!(!exists(&watcher, &name).await);
    eventually(Duration::from_secs(10), async || client.is_closed().then_some(())).await;
}

#[tokio::test]
async fn database_is_gone_when_its_test_panics() {
    let watcher = TestDatabase::empty().await;
    let database = TestDatabase::empty().await;
    let name = database.name().to_owned();
    let failed = tokio::spawn(async move {
        let _owned = database;
        panic!("as a failing assertion would");
    });
    assert!(failed.await.unwrap_err().is_panic());
    assert!(!exists(&watcher, &name).await);
}

#[tokio::test]
async fn client_acts_as_the_role_it_asked_for() {
    let database = TestDatabase::empty().await;
    let client = database.client_as("pg_monitor").await;
    let row = client.query_one("SELECT current_user::text, session_user::text", &[]).await.unwrap();
    assert_eq!((row.get(0), row.get(1)), ("pg_monitor", "postgres"));
}

#[tokio::test]
async fn empty_database_has_no_schema_of_ours() {
    let database = TestDatabase::empty().await;
    let client = database.client().await;
    let schemas = "SELECT count(*) FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public')";
    assert_eq!(client.query_one(schemas, &[]).await.unwrap().get::<_, i64>(0), 0);
}
