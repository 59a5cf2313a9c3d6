//! The replay of a retailer's file against `purser up`, with everything killed in the middle of it.

use std::fmt::Write;
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use provider_sim::{Config, Sim};
use serde_json::{Value, json};
use testkit::{eventually, free_port};
use tokio::process::Command;
use tokio_postgres::Client;

use crate::support::data_dir::DataDir;
use crate::support::database::{leases_run_out, number};
use crate::support::process::{PATIENCE, purser};

const INVOICES: u32 = 300;

/// A file like the retailer's: lines at two prices, postage, a guest, free goods, corrections, cancellations.
fn file() -> String {
    let mut text =
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n".to_owned();
    let mut row = |invoice: &str, code: &str, units: i64, price: &str, customer: u32| {
        let customer =
            if customer.is_multiple_of(7) { String::new() } else { format!("{}.0", 17_000 + customer) };
        let line = "A THING,UNITS,2010-12-01 08:26:00,PRICE,CUSTOMER,United Kingdom"
            .replace("UNITS", &units.to_string())
            .replace("PRICE", price)
            .replace("CUSTOMER", &customer);
        writeln!(text, "{invoice},{code},{line}").unwrap();
    };
    for n in 0..INVOICES {
        let invoice = (536_000 + n).to_string();
        row(&invoice, &format!("S{}", n % 20), 3, "1.25", n);
        row(&invoice, &format!("S{}", (n + 7) % 20), 2, "2.5", n);
        row(&invoice, &format!("s{}", n % 20), 1, "1.0", n);
        if n % 10 == 0 {
            row(&invoice, "POST", 1, "18.0", n);
        }
    }
    row("540000", "S1", 4, "0.001", 1);
    row("C540001", "S1", -1, "1.25", 1);
    row("540002", "S2", -5, "0.0", 1);
    text
}

/// What has to stand in the end.
fn totals() -> Value {
    let (orders, postages) = (i64::from(INVOICES), i64::from(INVOICES / 10));
    json!({
        "orders": orders + 1,
        "lines": 3 * orders + postages + 1,
        "units": 6 * orders + postages + 4,
        "value_minor": {"GBP": (375 + 500 + 100) * orders + 1_800 * postages},
    })
}

fn replay(file: &str, port: u16) -> Command {
    let to = format!("http://127.0.0.1:{port}");
    let mut command = purser(["replay", file, "--to", &to, "--json", "--concurrency", "16"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn report(output: &Output) -> Value {
    assert!(output.status.success(), "{}: {}", output.status, said(output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn stands(report: &Value) -> Value {
    json!({
        "orders": report["orders"], "lines": report["lines"], "units": report["units"],
        "value_minor": report["value_minor"],
    })
}

async fn orders_reach(client: &Client, count: i64) {
    let look = async || number(client, "SELECT count(*) FROM orders.orders").await >= count;
    eventually(PATIENCE, async || look().await.then_some(())).await;
}

#[tokio::test]
async fn a_replay_whose_server_and_client_are_killed_ends_as_one_that_was_left_alone() {
    let (dir, input) = (DataDir::new(), tempfile::NamedTempFile::new().unwrap());
    std::fs::write(input.path(), file()).unwrap();
    let (file, port) = (input.path().to_str().unwrap(), free_port());

    let up = dir.start(port).await;
    let client = replay(file, port).spawn().unwrap();
    orders_reach(&dir.client().await, 40).await;
    up.kill().await;

    // Postgres was left over. The client is still at it, and goes on.
    let again = Instant::now();
    let up = dir.start(port).await;
    assert!(again.elapsed() < Duration::from_secs(30), "the second start took {:?}", again.elapsed());
    let sql = dir.client().await;
    leases_run_out(&sql).await;
    let before = number(&sql, "SELECT count(*) FROM orders.orders").await;
    assert!(before < i64::from(INVOICES), "the server was not killed in the middle");
    orders_reach(&sql, before + 40).await;
    let mut client = client;
    assert!(client.try_wait().unwrap().is_none(), "the client was not killed in the middle");
    client.kill().await.unwrap();

    let continued = report(&replay(file, port).output().await.unwrap());
    assert_eq!(stands(&continued), totals());
    assert_eq!(continued["refused"], json!({}));
    let placed = continued["placed"].as_i64().unwrap();
    assert!(placed > 0 && placed < i64::from(INVOICES), "{placed} placed by the last run");

    let second = report(&replay(file, port).output().await.unwrap());
    assert_eq!((stands(&second), &second["placed"]), (totals(), &json!(0)));

    // Beside the running owner, and after its end.
    adds_up(&dir).await;
    drop(sql);
    up.stop().await;
    adds_up(&dir).await;
    was_charged_once(&dir);
}

/// What the provider says that it took: once for every order with something to pay.
fn was_charged_once(dir: &DataDir) {
    let journal = Some(Path::new(dir.path()).join("provider.journal"));
    let charges = Sim::open(Config { journal, clock: Arc::default() }).unwrap().charges();
    assert_eq!(charges.len(), usize::try_from(INVOICES).unwrap());
    let taken: i64 = charges.iter().map(|charge| charge.amount).sum();
    assert_eq!(json!({"GBP": taken}), totals()["value_minor"]);
}

async fn adds_up(dir: &DataDir) {
    let check = purser(["check", "--json", "--data-dir", dir.path()]).output().await.unwrap();
    let found = String::from_utf8_lossy(&check.stdout);
    assert!(check.status.success(), "{}: {}\n{found}", check.status, said(&check));
    let found: Value = serde_json::from_str(&found).unwrap();
    let checks = found["checks"].as_array().unwrap();
    assert!(!checks.is_empty() && checks.iter().all(|check| check["violations"] == 0), "{found}");
}

#[tokio::test]
async fn a_second_live_up_on_a_data_directory_is_refused_in_one_line() {
    let dir = DataDir::new();
    let up = dir.start(0).await;
    let second = tokio::time::timeout(PATIENCE, dir.up(0).output()).await.unwrap().unwrap();
    assert_eq!(second.status.code(), Some(1));
    let said = said(&second);
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    assert!(said.contains(dir.path()) && said.contains("in use"), "{said}");
    assert!(second.stdout.is_empty());
    up.stop().await;
}
