use std::collections::BTreeSet;

use reconciliation::{check, checks};

use crate::plants::{HOUSE, MONEY, ORDERS, STOCK};
use crate::support::assert_found;

#[tokio::test]
async fn faults_in_stock_are_reported_by_the_checks_that_hold_it() {
    assert_found(STOCK).await;
}

#[tokio::test]
async fn faults_in_orders_are_reported_by_the_checks_that_hold_them() {
    assert_found(ORDERS).await;
}

#[tokio::test]
async fn faults_in_money_are_reported_by_the_checks_that_hold_it() {
    assert_found(MONEY).await;
}

#[tokio::test]
async fn faults_in_the_house_are_reported_by_the_checks_that_hold_it() {
    assert_found(HOUSE).await;
}

#[test]
fn every_check_is_run_and_has_a_fault_that_it_reports() {
    let run: BTreeSet<&str> = checks::ALL.iter().map(check::name).collect();
    assert_eq!(run.len(), checks::ALL.len(), "a check is run twice");
    let plants = [STOCK, ORDERS, MONEY, HOUSE].into_iter().flatten();
    let reported: BTreeSet<&str> = plants.flat_map(|plant| plant.found_by).copied().collect();
    assert_eq!(run, reported);
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/src/checks");
    let files =
        std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let files: BTreeSet<String> = files.map(|file| file.trim_end_matches(".sql").to_owned()).collect();
    assert_eq!(files, run.into_iter().map(ToOwned::to_owned).collect());
}

#[test]
fn every_check_says_in_its_first_line_what_holds() {
    for sql in checks::ALL {
        assert!(sql.text.starts_with("-- ") && check::description(sql).ends_with('.'), "{}", sql.name);
    }
}
