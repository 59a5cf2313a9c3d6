//! A lane's plans must not depend on how full the database is, and must touch the months that are asked for and no others.

use std::collections::{BTreeMap, BTreeSet};

use kernel::OrderId;
use order::commands::transition::Transitions;
use order::money::OrderBook;
use order::queries::{batch_get_orders, get_order, get_order_timeline, list_fulfillment_queue, list_orders};
use order::workers::expiry;
use payment::orders::Orders;
use platform::group_commit::Kind;
use platform::sql::Sql;
use tokio_postgres::Client;

use crate::support::{PLACING, World, world};

fn written() -> BTreeMap<&'static str, &'static Sql> {
    let all = [PLACING.statements(), Transitions.statements(), OrderBook.statements()].concat();
    all.into_iter().map(|sql| (sql.name, sql)).collect()
}

fn read() -> Vec<&'static Sql> {
    vec![
        &get_order::GET,
        &batch_get_orders::GET,
        &batch_get_orders::COUNT,
        &get_order_timeline::TIMELINE,
        &list_fulfillment_queue::QUEUE,
        &list_orders::ALL,
        &list_orders::OF_CUSTOMER,
        &list_orders::PENDING,
        &list_orders::QUEUED,
        &list_orders::IN_STATE,
        &list_orders::BY_TRACKING,
        &list_orders::BY_REFERENCE,
        &expiry::DUE,
    ]
}

/// The plan of a statement, with these arguments or, without any, with nulls.
async fn plan(client: &Client, how: &str, sql: &Sql, arguments: &[String]) -> String {
    let count = client.prepare(sql.text).await.unwrap_or_else(|error| panic!("{}: {error:?}", sql.name));
    let nulls = vec!["NULL".to_owned(); count.params().len()];
    let arguments = if arguments.is_empty() { &nulls } else { arguments }.join(", ");
    client.batch_execute(&format!("PREPARE planned AS {}", sql.text)).await.unwrap();
    let text = if arguments.is_empty() { String::new() } else { format!("({arguments})") };
    let rows = client.query(&format!("EXPLAIN {how} EXECUTE planned{text}"), &[]).await.unwrap();
    client.batch_execute("DEALLOCATE planned").await.unwrap();
    rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>().join("\n")
}

async fn nothing_scans_a_whole_table(world: &World) {
    let lane = world.db.write().await.unwrap();
    for sql in written().into_values() {
        let plan = plan(&lane, "", sql, &[]).await;
        for bad in ["Seq Scan", "Hash Join", "Merge Join"] {
            assert!(!plan.contains(bad), "{}: {bad} in\n{plan}", sql.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_of_the_lanes_never_scan_a_whole_table_however_full_it_is() {
    let world = world().await;
    nothing_scans_a_whole_table(&world).await;
    world.grow(20_000, "DELIVERED", "c-1").await;
    world.grow(100, "CONFIRMED", "c-2").await;
    nothing_scans_a_whole_table(&world).await;
    world.admin.batch_execute("ANALYZE").await.unwrap();
    nothing_scans_a_whole_table(&world).await;
}

/// Arguments of each read, in the names of a real order's family.
fn arguments(sql: &Sql, merchant: &str, order: &str) -> Vec<String> {
    let (id, ids) = (format!("'{order}'"), format!("'{{{order}}}'"));
    let merchant = format!("'{merchant}'");
    let newest = "'ffffffff-ffff-ffff-ffff-ffffffffffff'".to_owned();
    let fifty = "50".to_owned();
    match sql.name {
        "get_order" | "get_order_timeline" => vec![id, merchant],
        "batch_get_orders" | "count_order_lines" => vec![ids, merchant],
        "list_fulfillment_queue" => vec![merchant, id, fifty],
        "list_orders" | "list_orders_pending" => vec![merchant, newest, fifty],
        "list_orders_of_customer" => vec![merchant, newest, fifty, "'c-1'".to_owned()],
        "list_orders_queued" => vec![merchant, newest, fifty, "'CONFIRMED'".to_owned()],
        "list_orders_in_state" => vec![merchant, newest, fifty, "'SHIPPED'".to_owned(), "5000".to_owned()],
        "list_orders_by_tracking_number" | "list_orders_by_client_reference" => {
            vec![merchant, "'T-1'".to_owned()]
        }
        "expiry/due_orders" => vec!["now()".to_owned(), "'-infinity'".to_owned(), id, fifty],
        other => panic!("no arguments for {other}"),
    }
}

async fn reading_connection(world: &World) -> Client {
    let reader = world.database.client_as("purser_read").await;
    reader.batch_execute("SET plan_cache_mode = force_custom_plan; SET jit = off").await.unwrap();
    reader
}

async fn an_order(world: &World) -> (String, String) {
    let sql = "SELECT id FROM orders.orders ORDER BY id OFFSET 5 LIMIT 1";
    let id: uuid::Uuid = world.admin.query_one(sql, &[]).await.unwrap().get(0);
    (world.merchant.uuid().to_string(), id.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_never_scan_a_whole_month_of_a_grown_database() {
    let world = world().await;
    world.grow(20_000, "DELIVERED", "c-1").await;
    world.grow(3_000, "CONFIRMED", "c-2").await;
    world.admin.batch_execute("ANALYZE").await.unwrap();
    let (merchant, order) = an_order(&world).await;
    let reader = reading_connection(&world).await;
    for sql in read() {
        let plan = plan(&reader, "", sql, &arguments(sql, &merchant, &order)).await;
        // An empty table costs nothing to scan, so only those that grew matter.
        let month = world.clock.wall();
        let month = format!("{:04}_{:02}", month.year(), u8::from(month.month()));
        let grown =
            [format!("on orders_{month}"), format!("on lines_{month}"), "on fulfilment_queue".to_owned()];
        for line in plan.lines().filter(|line| line.contains("Seq Scan")) {
            assert!(!grown.iter().any(|table| line.contains(table)), "{}:\n{plan}", sql.name);
        }
    }
}

/// The months whose partitions a plan really reads.
fn months(plan: &str) -> BTreeSet<String> {
    let month = |line: &str| -> Option<String> {
        let relation = line.split(" on ").nth(1)?.split_whitespace().next()?;
        let (rest, month) = relation.rsplit_once('_')?;
        let (_, year) = rest.rsplit_once('_')?;
        (year.parse::<u16>().is_ok() && month.parse::<u8>().is_ok()).then(|| format!("{year}_{month}"))
    };
    let read = |line: &&str| line.contains("Scan") && !line.contains("never executed");
    plan.lines().filter(read).filter_map(month).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_of_one_order_touches_its_month_alone() {
    let world = world().await;
    world.grow(100, "DELIVERED", "c-1").await;
    let (merchant, order) = an_order(&world).await;
    let reader = reading_connection(&world).await;
    for sql in
        [&get_order::GET, &batch_get_orders::GET, &batch_get_orders::COUNT, &get_order_timeline::TIMELINE]
    {
        let plan =
            plan(&reader, "(ANALYZE, COSTS OFF, TIMING OFF)", sql, &arguments(sql, &merchant, &order)).await;
        assert_eq!(months(&plan).len(), 1, "{}:\n{plan}", sql.name);
    }
    let lists = [&list_orders::BY_TRACKING, &list_orders::BY_REFERENCE];
    for sql in lists {
        let plan =
            plan(&reader, "(ANALYZE, COSTS OFF, TIMING OFF)", sql, &arguments(sql, &merchant, &order)).await;
        assert_eq!(months(&plan), BTreeSet::new(), "nothing was found:\n{plan}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_of_the_lanes_touch_the_month_of_their_orders_alone() {
    let world = world().await;
    world.receive(0, 9).await;
    let order: OrderId = world.place(&[(0, 2)]).await.order_id;
    let lane = world.db.write().await.unwrap();
    let merchants = format!("'{{{}}}'", world.merchant.uuid());
    let orders = format!("'{{{}}}'", order.uuid());
    let keys = vec![merchants.clone(), orders.clone()];
    let updates =
        [&keys[..], &["'{1}'", "'{2}'", "'{CANCELLED}'", "'{0}'", "'{NULL}'", "now()"].map(str::to_owned)];
    let written = written();
    let cases = [
        ("transition/lock_orders", keys.clone()),
        ("transition/lock_orders SKIP LOCKED", keys.clone()),
        ("transition/existing_orders", keys.clone()),
        ("transition/open_lines", keys.clone()),
        ("transition/update_orders", updates.concat()),
        ("money/order_needs", keys.clone()),
        ("money/order_rows", keys.clone()),
    ];
    for (name, arguments) in cases {
        lane.batch_execute("BEGIN").await.unwrap();
        let plan = plan(&lane, "(ANALYZE, COSTS OFF, TIMING OFF)", written[name], &arguments).await;
        lane.batch_execute("ROLLBACK").await.unwrap();
        assert_eq!(months(&plan).len(), 1, "{name}:\n{plan}");
    }
}

/// Every `.sql` file of the context is one of the statements looked at here.
#[test]
fn every_file_of_sql_is_looked_at() {
    fn files(dir: &std::path::Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, found);
            } else if path.extension().is_some_and(|end| end == "sql") {
                found.insert(path.file_stem().unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    let mut found = BTreeSet::new();
    files(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut found);
    let looked_at: BTreeSet<String> = written()
        .into_values()
        .chain(read())
        .map(|sql| sql.name.trim_end_matches(" SKIP LOCKED").rsplit('/').next().unwrap().to_owned())
        .collect();
    let missed: Vec<_> = found.difference(&looked_at).collect();
    assert!(missed.is_empty(), "{missed:?}");
}
