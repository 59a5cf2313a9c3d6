//! Every statement of every context has a plan that does not read whole tables, on an empty database and on a grown one that
//! was never analysed. Lanes pin their plans, so the plan looked at is the plan that runs.

use std::path::{Path, PathBuf};

use platform::db::{Database, DatabaseConfig};
use testkit::TestDatabase;
use tokio_postgres::Client;

/// Not on a caller's path: what is asked once per process, what makes test databases, and the invariants, which read everything by
/// intent.
const EXEMPT: [&str; 5] = ["testkit/", "reconciliation/", "months/", "database_clock/", "page_tokens/"];

fn statements() -> Vec<PathBuf> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut open = vec![crates];
    let mut found = Vec::new();
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir).unwrap().map(Result::unwrap) {
            let path = entry.path();
            let name = path.display().to_string();
            if path.is_dir() && !name.ends_with("/tests") && !name.ends_with("/target") {
                open.push(path);
            } else if name.ends_with(".sql") && !EXEMPT.iter().any(|exempt| name.contains(exempt)) {
                found.push(path);
            }
        }
    }
    assert!(found.len() > 80, "only {} statements were found", found.len());
    found
}

/// The generic plan of a statement, as a lane would run it.
async fn plan(lane: &Client, text: &str) -> String {
    let params = lane.prepare(text).await.unwrap().params().len();
    lane.batch_execute(&format!("PREPARE planned AS {text}")).await.unwrap();
    let nulls = vec!["NULL"; params].join(", ");
    let arguments = if nulls.is_empty() { nulls } else { format!("({nulls})") };
    let rows = lane.query(&format!("EXPLAIN EXECUTE planned{arguments}"), &[]).await.unwrap();
    lane.batch_execute("DEALLOCATE planned").await.unwrap();
    rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>().join("\n")
}

async fn none_reads_a_whole_table(pools: &Database) {
    let lane = pools.write().await.unwrap();
    for path in statements() {
        let text = std::fs::read_to_string(&path).unwrap();
        let plan = plan(&lane, &text).await;
        for bad in ["Seq Scan", "Hash Join", "Merge Join"] {
            assert!(!plan.contains(bad), "{}: {bad} in\n{plan}", path.display());
        }
    }
}

/// 20,000 orders with a line and a hold each, a payment, a key, a movement, and as many SKUs.
const GROWN: &str = "
    INSERT INTO catalog.merchants VALUES ('00000000-0000-7000-8000-000000000001', 'acme', now());
    CREATE TEMP TABLE things AS SELECT overlay(platform.first_id(now() - make_interval(secs => n / 1000.0))::text
            PLACING left(md5(n::text), 12) FROM 25)::uuid AS id, n,
        '00000000-0000-7000-8000-000000000001'::uuid AS merchant FROM generate_series(1, 20000) n;
    INSERT INTO catalog.skus SELECT id, merchant, 'sku-' || n, now() FROM things;
    INSERT INTO catalog.sku_details SELECT id, merchant, 'sku-' || n, NULL, 'a thing', true, true, now() FROM things;
    INSERT INTO catalog.prices SELECT merchant, id, 'GBP', now(), NULL, 100 FROM things;
    INSERT INTO inventory.stock (sku_id, location, merchant_id, on_hand, reserved, updated_time)
        SELECT id, 'main', merchant, 10, 1, now() FROM things;
    INSERT INTO inventory.holds SELECT id, id, 'main', merchant, 'ORDER', 1, now(), false FROM things;
    INSERT INTO inventory.movements SELECT id, merchant, id, 'main', 'RECEIVED', 10, 0, 10, 0, NULL, NULL, '', 'x', now()
        FROM things;
    INSERT INTO orders.orders SELECT id, merchant, 'c-1', '', 'PENDING', 'GBP', 100, 0, 0, 0, 100, 0, 0, 1, 1, 1, now(), now(),
        now(), now() FROM things;
    INSERT INTO orders.lines SELECT id, 1, merchant, id, 'sku', 'a thing', 1, 100, 100, 'main' FROM things;
    INSERT INTO orders.history SELECT id, 1, merchant, NULL, 'PENDING', 'x', '', NULL, now() FROM things;
    INSERT INTO orders.expiry_queue SELECT id, merchant, now() FROM things;
    INSERT INTO payments.payments (id, merchant_id, order_id, state, currency, amount, limit_minor, provider, seq,
            created_time, updated_time)
        SELECT id, merchant, id, 'PENDING', 'GBP', 100, 100, 'sim', 1, now(), now() FROM things;
    INSERT INTO platform.idempotency SELECT merchant, 'merchant', uuid_send(id), sha256(uuid_send(id)), 1, 'PlaceOrder', id,
        'DONE', NULL, now() FROM things;";

#[tokio::test(flavor = "multi_thread")]
async fn no_statement_reads_a_whole_table_however_full_it_is() {
    let database = TestDatabase::new().await;
    let pools = Database::new(&DatabaseConfig::new(database.url())).unwrap();
    none_reads_a_whole_table(&pools).await;
    database.client().await.batch_execute(GROWN).await.unwrap();
    none_reads_a_whole_table(&pools).await;
}
