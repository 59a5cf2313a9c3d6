//! Every constraint has a name of ours and a meaning.

use std::collections::BTreeSet;

use purser::system::CONSTRAINTS;
use testkit::TestDatabase;

#[tokio::test]
async fn every_constraint_of_the_migrated_schema_is_named_and_has_a_reason() {
    let database = TestDatabase::new().await;
    let client = database.client().await;
    let rows = client
        .query(
            "SELECT c.conname::text FROM pg_constraint c
             JOIN pg_class t ON t.oid = c.conrelid
             JOIN pg_namespace n ON n.oid = t.relnamespace
             WHERE n.nspname IN ('platform', 'catalog', 'inventory', 'payments', 'orders')
                 AND NOT t.relispartition AND c.conparentid = 0",
            &[],
        )
        .await
        .unwrap();
    let schema: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
    let named: BTreeSet<String> =
        CONSTRAINTS.iter().flat_map(|context| context.iter().map(|(name, _)| (*name).to_owned())).collect();
    assert_eq!(named, schema);
}
