#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use std::collections::BTreeMap;

use tokio::net::TcpListener;

use super::*;
use fake::Fake;
use plan::Totals;

pub(crate) mod fake;

// Twenty invoices of up to three lines: two prices of a SKU, a guest, postage, a free one, a correction, a cancellation.
fn text() -> String {
    let mut text =
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n".to_owned();
    let mut row = |invoice: &str, code: &str, units: i64, price: &str, customer: &str| {
        text += &format!("{invoice},{code},thing,{units},2010-12-01 08:26:00,{price},{customer},UK\n");
    };
    for invoice in 100..118 {
        row(&invoice.to_string(), "A", 2, "1.5", "17850.0");
        row(&invoice.to_string(), "W", 1, "3.0", "17850.0");
    }
    row("100", "a", 1, "1.25", "17850.0");
    row("118", "POST", 1, "18.0", "");
    row("119", "W", 4, "0.001", "17850.0");
    row("120", "W", -5, "0.0", "");
    row("C121", "W", -1, "3.0", "");
    text
}

const EXPECTED: Totals = Totals { orders: 20, lines: 39, units: 60, value: 18 * 600 + 125 + 1_800 };

struct Stage {
    fake: Fake,
    options: Options,
    server: Option<fake::Server>,
}

async fn stage() -> Stage {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut options = Options::new(PathBuf::new());
    options.to = listener.local_addr().unwrap().to_string();
    options.concurrency = 4;
    let fake = Fake::default();
    Stage { server: Some(fake.serve(listener)), fake, options }
}

impl Stage {
    async fn replay(&self) -> Result<Report, ReplayError> {
        let plan = retail::plan(text().as_bytes(), "0123456789abcdef".into()).unwrap();
        run_plan(plan, &self.options).await
    }
}

fn totals(report: &Report) -> Totals {
    let value = report.value_minor.get("GBP").copied().unwrap_or_default();
    Totals { orders: report.orders, lines: report.lines, units: report.units, value }
}

#[tokio::test]
async fn a_whole_file_is_delivered_and_read_back_and_a_second_run_places_none() {
    let stage = stage().await;
    let report = stage.replay().await.unwrap();
    assert_eq!((totals(&report), report.placed), (EXPECTED, 20));
    assert_eq!((report.expected, &report.differences), (EXPECTED, &vec![]));
    assert_eq!(report.skipped, BTreeMap::from([("cancellation".into(), 1), ("correction".into(), 1)]));

    let calls = stage.fake.books().calls.clone();
    let again = stage.replay().await.unwrap();
    assert_eq!((totals(&again), again.placed, again.is_complete()), (EXPECTED, 0, true));
    let books = stage.fake.books();
    assert_eq!(books.orders.len(), 20);
    assert_eq!(books.received.values().sum::<i64>(), 37 + 22 + 5);
    let steps =
        |calls: &BTreeMap<String, usize>| calls.iter().filter(|(key, _)| key.contains("/ship/")).count();
    assert_eq!((steps(&books.calls), books.calls.get("online-retail/100/ship/1")), (steps(&calls), Some(&1)));
}

#[test]
fn a_rate_is_rounded_for_people() {
    assert_eq!(rate(12_977, Duration::from_micros(3_000_400)), (3.0, 4_325.1));
    assert_eq!(rate(0, Duration::ZERO), (0.0, 0.0));
}

#[tokio::test]
async fn orders_carry_the_invoices_facts() {
    let stage = stage().await;
    stage.replay().await.unwrap();
    let books = stage.fake.books();
    let order =
        |reference: &str| books.orders.iter().find(|order| order.client_reference == reference).unwrap();
    assert_eq!(order("100").ordered_time.unwrap().seconds, 1_291_191_960);
    assert_eq!((order("100").customer_id.as_str(), order("118").customer_id.as_str()), ("17850", ""));
    assert!(books.keys.contains_key("online-retail/100/place/1"));
    assert!(books.calls.contains_key("online-retail/0123456789abcdef/receive/0"));
    assert!(!books.calls.contains_key("online-retail/119/capture/1"), "a free order needs no payment");
    assert!(!books.skus["POST"].tracks_stock);
}

#[tokio::test]
async fn lost_answers_double_nothing_and_are_counted_as_placed_by_this_run() {
    let stage = stage().await;
    stage.fake.books().lose_every = 5;
    let report = stage.replay().await.unwrap();
    assert_eq!((totals(&report), report.placed, report.is_complete()), (EXPECTED, 20, true));
    let books = stage.fake.books();
    assert!(books.calls.values().any(|times| *times > 1), "an answer was lost");
    assert_eq!((books.orders.len(), books.received.values().sum::<i64>()), (20, 64));
}

#[tokio::test]
async fn an_order_that_expired_is_placed_again_under_the_next_attempt() {
    let stage = stage().await;
    stage.fake.books().expiring.extend(["101".to_owned(), "101/2".to_owned()]);
    let report = stage.replay().await.unwrap();
    assert_eq!((totals(&report), report.placed, report.is_complete()), (EXPECTED, 22, true));
    let again = stage.replay().await.unwrap();
    assert_eq!((totals(&again), again.placed), (EXPECTED, 0));
    let books = stage.fake.books();
    assert!(books.keys.contains_key("online-retail/101/place/3"));
    assert!(books.orders.iter().any(|order| order.client_reference == "101/3"));
}

#[tokio::test]
async fn an_order_that_somebody_cancelled_stays_cancelled_and_is_named() {
    let stage = stage().await;
    stage.fake.books().cancelled.insert("101".to_owned());
    let report = stage.replay().await.unwrap();
    assert_eq!((report.orders, report.placed, report.is_complete()), (19, 20, false));
    let again = stage.replay().await.unwrap();
    assert_eq!((again.placed, again.refused), (0, BTreeMap::from([("CANCELLED".to_owned(), 1)])));
    assert_eq!(again.differences[0], "orders: 19 stand, the input has 20");
}

#[tokio::test]
async fn a_refused_invoice_is_counted_by_its_reason_and_the_others_go_on() {
    let stage = stage().await;
    stage.fake.books().sold_out.insert("POST".to_owned());
    let report = stage.replay().await.unwrap();
    assert_eq!((report.orders, report.refused), (19, BTreeMap::from([("INSUFFICIENT_STOCK".to_owned(), 1)])));
    assert!(report.differences.iter().any(|line| line.contains("invoice 118")), "{:?}", report.differences);
}

#[tokio::test]
async fn a_change_made_behind_the_replays_back_is_seen_when_reading_back() {
    let stage = stage().await;
    stage.replay().await.unwrap();
    let swap = |order: &mut contract::purser::order::v1::Order| order.lines[0].sku_code = "C".into();
    swap(&mut stage.fake.books().orders[7]);
    let again = stage.replay().await.unwrap();
    assert_eq!(totals(&again), EXPECTED);
    assert!(
        matches!(&again.differences[..], [line] if line.ends_with("its lines are not those of the file"))
    );
}

#[tokio::test]
async fn a_merchant_that_was_made_by_hand_is_used() {
    let stage = stage().await;
    stage.fake.books().merchant_taken = true;
    assert!(stage.replay().await.unwrap().is_complete());
}

#[tokio::test]
async fn only_the_first_invoices_with_a_limit_and_the_rest_later() {
    let stage = stage().await;
    let mut plan = retail::plan(text().as_bytes(), "0123456789abcdef".into()).unwrap();
    plan.keep_first(5);
    let report = run_plan(plan, &stage.options).await.unwrap();
    assert_eq!((report.orders, report.placed, report.is_complete()), (5, 5, true));
    let rest = stage.replay().await.unwrap();
    assert_eq!((totals(&rest), rest.placed, rest.is_complete()), (EXPECTED, 15, true));
    assert_eq!(stage.fake.books().received.values().sum::<i64>(), 64);
}

#[tokio::test]
async fn a_service_that_is_restarted_in_the_middle_is_found_again() {
    let mut stage = stage().await;
    stage.options.concurrency = 1;
    let address = stage.options.to.clone();
    let fake = stage.fake.clone();
    let server = stage.server.take().unwrap();
    let restart = async {
        while fake.books().orders.len() < 8 {
            tokio::task::yield_now().await;
        }
        drop(server);
        loop {
            // The port is free again once the listener of the ended server is gone.
            match TcpListener::bind(&address).await {
                Ok(listener) => break fake.serve(listener),
                Err(_) => tokio::task::yield_now().await,
            }
        }
    };
    let (report, _) = tokio::join!(stage.replay(), restart);
    let report = report.unwrap();
    assert_eq!((totals(&report), report.placed, report.is_complete()), (EXPECTED, 20, true));
}

#[tokio::test]
async fn a_service_that_stays_away_ends_the_replay_with_its_address_and_the_cause() {
    let mut stage = stage().await;
    stage.options.patience = Duration::from_millis(300);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    stage.options.to = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let line = stage.replay().await.unwrap_err().to_string();
    assert!(line.starts_with(&stage.options.to) && line.contains("Connection refused"), "{line}");
    assert!(!line.contains('\n'), "{line}");
}

#[tokio::test]
async fn a_wrong_address_and_a_missing_file_are_one_clear_line() {
    let mut options = Options::new("no-such-file.csv".into());
    assert!(run(&options).await.unwrap_err().to_string().starts_with("cannot read no-such-file.csv"));
    options.to = "not an address".into();
    let plan = retail::plan(text().as_bytes(), String::new()).unwrap();
    assert!(run_plan(plan, &options).await.unwrap_err().to_string().contains("not an address"));
}
