use proptest::prelude::*;

use super::super::plan::Totals;
use super::*;

fn read(rows: &str) -> Plan {
    try_read(rows).expect("a readable file")
}

// Rows as `invoice,code,description,quantity,price,customer`, all of one minute.
fn try_read(rows: &str) -> Result<Plan, String> {
    let mut text =
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n".to_owned();
    for row in rows.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let fields: Vec<&str> = row.split(',').collect();
        let [invoice, code, description, quantity, price, customer] = fields[..] else {
            panic!("six fields: {row}")
        };
        text += &format!(
            "{invoice},{code},{description},{quantity},2010-12-01 08:26:00,{price},{customer},United Kingdom\n"
        );
    }
    plan(text.as_bytes(), "hash".into())
}

fn sku<'a>(plan: &'a Plan, code: &str) -> &'a PlannedSku {
    plan.skus.iter().find(|sku| sku.code == code).expect("the SKU")
}

#[test]
fn rows_of_an_invoice_need_not_stand_together() {
    let plan = read("1,A,a,1,1.0,7.0\n 2,A,a,2,1.0,\n 1,B,b,3,2.0,7.0");
    let orders: Vec<_> =
        plan.orders.iter().map(|order| (order.invoice.as_str(), order.lines.len())).collect();
    assert_eq!(orders, [("1", 2), ("2", 1)]);
    assert_eq!((plan.orders[0].customer.as_str(), plan.orders[1].customer.as_str()), ("7", ""));
    assert_eq!(plan.orders[0].ordered_at, 1_291_191_960);
}

#[test]
fn one_sku_at_one_price_is_one_line_and_at_two_prices_two() {
    let plan = read("1,a1,x,2,1.0,\n 1,B,y,1,3.0,\n 1,A1,x,3,1.004,\n 1,A1,x,4,0.5,");
    let lines: Vec<_> = plan.orders[0].lines.iter().map(|line| (line.sku, line.price, line.units)).collect();
    assert_eq!(lines, [(0, 100, 5), (1, 300, 1), (0, 50, 4)]);
    assert_eq!(plan.skus.iter().map(|sku| sku.code.as_str()).collect::<Vec<_>>(), ["a1", "B"]);
}

#[test]
fn a_price_is_rounded_before_it_is_multiplied() {
    let plan = read("1,PADS,pads,1000,0.001,\n 2,A,a,1000,0.005,");
    assert_eq!(plan.orders[0].total(), Some(0));
    assert_eq!(plan.orders[1].total(), Some(1_000));
}

#[test]
fn the_list_price_is_the_most_frequent_and_on_a_tie_the_lowest() {
    let plan = read("1,A,a,900,3.0,\n 2,A,a,1,2.0,\n 3,A,a,1,2.0,\n 1,B,b,1,5.0,\n 2,B,b,1,4.0,");
    assert_eq!((sku(&plan, "A").list_price, sku(&plan, "B").list_price), (200, 400));
}

#[test]
fn the_name_is_the_first_description_of_a_sale_then_of_a_correction_then_the_code() {
    let plan = read(
        "9,A,damaged,-1,0.0,\n 1,A,,1,1.0,\n 2,A,CANDLE,1,1.0,\n 3,A,LAMP,1,1.0,\n 9,B,thrown away,-1,0.0,\n 1,C7,,1,1.0,",
    );
    assert_eq!(["A", "B", "C7"].map(|code| sku(&plan, code).name.as_str()), ["CANDLE", "thrown away", "C7"]);
}

#[test]
fn stock_beforehand_covers_sales_and_corrections() {
    let plan =
        read("1,A,a,5,1.0,\n 2,a,a,7,1.0,\n 3,A,,-4,0.0,\n 3,W,,-2,0.0,\n C4,A,a,-3,1.0,\n 1,POST,p,1,18.0,");
    assert_eq!((sku(&plan, "A").received, sku(&plan, "W").received), (16, 2));
    assert_eq!((sku(&plan, "POST").received, sku(&plan, "POST").tracked), (0, false));
}

#[test]
fn what_nobody_counts_tracks_no_stock_in_any_case() {
    for code in [
        "POST",
        "DOT",
        "M",
        "m",
        "C2",
        "D",
        "S",
        "B",
        "CRUK",
        "BANK CHARGES",
        "AMAZONFEE",
        "PADS",
        "gift_0001_10",
    ] {
        assert!(!tracks_stock(code), "{code}");
    }
    for code in ["85123A", "DCGS0003", "POSTER", "GIFT"] {
        assert!(tracks_stock(code), "{code}");
    }
}

#[test]
fn skipped_invoices_are_counted_once_by_reason() {
    let plan = read(
        "C1,A,a,-1,1.0,\n C1,B,b,-1,1.0,\n A2,B,debt,1,-9.0,\n 3,A,,-1,0.0,\n 4,A,,-1,0.0,\n 5,A,a,1,1.0,",
    );
    let expected = BTreeMap::from([("bad_debt", 1), ("cancellation", 1), ("correction", 2)]);
    assert_eq!(plan.skipped, expected);
    assert_eq!(plan.orders.len(), 1);
}

#[test]
fn a_bad_row_is_named_by_its_line() {
    assert_eq!(
        try_read("1,A,a,1,1.0,\n 1,A,a,x,1.0,").err().as_deref(),
        Some("line 3: Quantity \"x\" is no whole number")
    );
    let tenth = i64::MAX / 10;
    assert!(try_read(&format!("1,A,a,{tenth},9.0,")).is_err());
}

/// The sample file that stands beside the checkout in some places; elsewhere this test says so and passes.
#[test]
fn the_sample_file_comes_to_the_known_totals() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/data/online-retail/online-retail-2010-12_2011-08.csv.zst"
    );
    let Ok(source) = super::super::source::Source::open(std::path::Path::new(path)) else {
        eprintln!("skipped: there is no sample file at {path}");
        return;
    };
    let plan = plan(&source.text, source.hash).expect("a readable file");
    let totals = Totals { orders: 12_977, lines: 309_416, units: 3_370_167, value: 629_376_400 };
    assert_eq!(plan.totals(), Some(totals));
    assert_eq!(plan.skipped, BTreeMap::from([("bad_debt", 3), ("cancellation", 2_554), ("correction", 925)]));
    assert_eq!(plan.orders.iter().filter(|order| order.total() == Some(0)).count(), 483);
    let two_prices = |order: &&PlannedOrder| {
        let skus: HashSet<_> = order.lines.iter().map(|line| line.sku).collect();
        skus.len() < order.lines.len()
    };
    assert_eq!(plan.orders.iter().filter(two_prices).count(), 140);
    assert_eq!(plan.orders.iter().map(|order| order.lines.len()).max(), Some(705));
}

proptest! {
    // Whatever order the rows come in, an invoice asks for the same lines, and stock covers exactly what is sold.
    #[test]
    fn shuffling_rows_changes_no_line_and_no_stock(
        rows in prop::collection::vec((0_usize..6, 0_usize..5, 1_i64..50, 0_i64..4), 1..60).prop_shuffle(),
    ) {
        let written = |rows: &[(usize, usize, i64, i64)]| {
            rows.iter().map(|(invoice, sku, units, price)| format!("{invoice},K{sku},k,{units},{price}.0,\n")).collect::<String>()
        };
        let lines = |plan: &Plan| {
            let mut lines = Vec::new();
            for order in &plan.orders {
                lines.extend(order.lines.iter().map(|line| (order.invoice.clone(), plan.skus[line.sku].code.clone(), line.price, line.units)));
            }
            lines.sort();
            lines
        };
        let shuffled = read(&written(&rows));
        let mut sorted = rows.clone();
        sorted.sort_unstable();
        prop_assert_eq!(lines(&shuffled), lines(&read(&written(&sorted))));
        let sold: i64 = rows.iter().map(|row| row.2).sum();
        prop_assert_eq!(shuffled.skus.iter().map(|sku| sku.received).sum::<i64>(), sold);
        prop_assert_eq!(shuffled.totals().map(|totals| totals.units), Some(sold));
    }
}
