use reconciliation::{check, checks};
use testkit::TestDatabase;

use crate::support::{report, shop, sow, violated};

#[tokio::test]
async fn an_empty_database_and_a_shop_in_order_are_clean() {
    let empty = TestDatabase::new().await;
    assert!(report(&empty).await.is_clean());
    let shop = shop().await;
    let report = report(&shop).await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.checks.len(), checks::ALL.len());
}

#[tokio::test]
async fn rows_name_what_is_wrong_by_the_ids_of_the_api() {
    let shop = shop().await;
    sow(&shop, "UPDATE orders.orders SET unit_count = unit_count + 1 WHERE id = id(106)").await;
    let report = report(&shop).await;
    let check = report.violated().next().unwrap();
    assert_eq!((check.name, check.violations), ("order_sums_equal_lines", 1));
    let row = &check.rows[0];
    assert!(row["order_id"].as_str().unwrap().starts_with("ord_"));
    assert_eq!((&row["unit_count"], &row["lines_units"]), (&3.into(), &2.into()));
    let json = serde_json::to_value(&report).unwrap();
    assert!(json["checks"].as_array().unwrap().iter().any(|check| check["violations"] == 1));
    assert!(report.to_string().contains("order_sums_equal_lines  "));
}

#[tokio::test]
async fn more_than_a_hundred_rows_are_counted_and_not_all_listed() {
    let shop = shop().await;
    sow(&shop, "INSERT INTO orders.fulfilment_queue SELECT id(1), id(n) FROM generate_series(5001, 5250) n")
        .await;
    let report = report(&shop).await;
    let check = report.violated().next().unwrap();
    assert_eq!((check.violations, check.rows.len()), (250, 100));
}

#[tokio::test]
async fn expiries_are_compared_with_the_time_given() {
    let shop = shop().await;
    let now = kernel::Clock::default().now();
    let url = shop.url();
    let at = async |minutes| check::run_at(&url, Some(now + time::Duration::minutes(minutes))).await.unwrap();
    // A minute and more ago the reclaimed order was not overdue yet, nor the reservation that expired.
    let before = at(-5).await;
    assert_eq!(
        violated(&before).into_iter().collect::<Vec<_>>(),
        ["pending_orders_hold_stock", "reservations_hold_stock"]
    );
    let later = at(25).await;
    assert_eq!(violated(&later).into_iter().collect::<Vec<_>>(), ["no_order_is_stuck"]);
}

#[tokio::test]
async fn checks_write_nothing_and_need_no_more_than_the_published_views() {
    let shop = shop().await;
    let client = shop.client_as("purser_finance").await;
    for table in ["orders.orders", "payments.payments", "inventory.stock", "catalog.skus", "platform.events"]
    {
        let denied = client.execute(&format!("DELETE FROM {table}"), &[]).await.unwrap_err();
        assert_eq!(denied.code().unwrap().code(), "42501", "{table}");
    }
    assert!(check::run("postgres://nobody@127.0.0.1:1/none").await.is_err());
}
