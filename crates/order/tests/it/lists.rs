//! Lists over many orders: pages, tokens, and what a page costs.

use contract::purser::order::v1 as proto;
use kernel::Reason;
use proto::order_filter::By;
use proto::order_service_server::OrderService;
use tonic::Request;

use crate::support::{World, reason, world};

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_a_list_hold_every_order_once_newest_first_while_others_are_placed() {
    let world = world().await;
    world.grow(250, "DELIVERED", "c-1").await;
    world.receive(0, 9).await;
    let mut token = String::new();
    let mut seen = Vec::new();
    loop {
        let page = world.call_list(Some(By::CustomerId("c-1".into())), 100, &token).await.unwrap();
        seen.extend(page.orders.into_iter().map(|order| order.order_id));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
        world.place(&[(0, 1)]).await;
    }
    let ids: Vec<_> = seen.iter().map(|id| id.parse::<kernel::OrderId>().unwrap().uuid()).collect();
    assert_eq!(ids.len(), 250);
    assert!(ids.windows(2).all(|pair| pair[0] > pair[1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_token_that_was_altered_or_belongs_to_another_query_is_refused() {
    let world = world().await;
    world.grow(30, "DELIVERED", "c-1").await;
    let of_customer = || Some(By::CustomerId("c-1".into()));
    let token = world.call_list(of_customer(), 10, "").await.unwrap().next_page_token;
    assert!(world.call_list(of_customer(), 20, &token).await.is_ok(), "another page size is the same query");
    let altered = format!("{}{}", if token.starts_with('A') { 'B' } else { 'A' }, &token[1..]);
    let others = [
        world.call_list(of_customer(), 10, &altered).await,
        world.call_list(of_customer(), 10, &token[1..]).await,
        world.call_list(of_customer(), 10, "!").await,
        world.call_list(None, 10, &token).await,
        world.call_list(Some(By::CustomerId("c-2".into())), 10, &token).await,
        world.call_list(Some(By::State(5)), 10, &token).await,
    ];
    for answer in others {
        assert_eq!(reason(answer), Reason::PageTokenInvalid);
    }
    let queue = proto::ListFulfillmentQueueRequest {
        merchant_id: world.merchant.to_string(),
        page_size: 10,
        page_token: token.clone(),
    };
    let answer = world.server().list_fulfillment_queue(Request::new(queue)).await;
    assert_eq!(reason(answer), Reason::PageTokenInvalid);
    let stranger = proto::ListOrdersRequest {
        merchant_id: world.new_merchant().await.to_string(),
        filter: Some(proto::OrderFilter { by: of_customer() }),
        page_size: 10,
        page_token: token,
    };
    let answer = world.server().list_orders(Request::new(stranger)).await;
    assert_eq!(reason(answer), Reason::PageTokenInvalid);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rare_state_is_found_behind_empty_pages_that_look_at_a_bounded_number_of_orders() {
    let world = world().await;
    world.grow(10_500, "DELIVERED", "c-1").await;
    let oldest = "UPDATE orders.orders SET state = 'CANCELLED' WHERE id = (SELECT id FROM orders.orders ORDER BY id LIMIT 1)";
    world.admin.execute(oldest, &[]).await.unwrap();
    let mut token = String::new();
    let mut pages = Vec::new();
    loop {
        let cancelled = Some(By::State(proto::order::State::Cancelled.into()));
        let page = world.call_list(cancelled, 50, &token).await.unwrap();
        pages.push(page.orders.len());
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(pages, [0, 0, 1]);
    let delivered = Some(By::State(proto::order::State::Delivered.into()));
    let page = world.call_list(delivered, 50, "").await.unwrap();
    assert_eq!(page.orders.len(), 50);
    assert_ne!(page.next_page_token, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fulfilment_queue_is_paged_oldest_first() {
    let world = world().await;
    world.grow(120, "CONFIRMED", "").await;
    let page = async |token: &str| {
        let request = proto::ListFulfillmentQueueRequest {
            merchant_id: world.merchant.to_string(),
            page_size: 50,
            page_token: token.to_owned(),
        };
        world.server().list_fulfillment_queue(Request::new(request)).await.unwrap().into_inner()
    };
    let first = page("").await;
    let second = page(&first.next_page_token).await;
    let third = page(&second.next_page_token).await;
    assert_eq!([&first, &second, &third].map(|page| page.orders.len()), [50, 50, 20]);
    assert_eq!(third.next_page_token, "");
    let ids: Vec<_> = [first, second, third]
        .into_iter()
        .flat_map(|page| page.orders)
        .map(|order| order.order_id.parse::<kernel::OrderId>().unwrap().uuid())
        .collect();
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
    let page = world.call_list(Some(By::State(proto::order::State::Confirmed.into())), 50, "").await.unwrap();
    assert_eq!(page.orders.len(), 50);
}

/// Sorts of more than an order's few lines, and scans of whole tables that were really made.
fn expensive(plan: &serde_json::Value, found: &mut Vec<String>) {
    let kind = plan["Node Type"].as_str().unwrap_or_default();
    let sorts = kind.contains("Sort") && plan["Sort Key"] != serde_json::json!(["l.line_no"]);
    let scans = kind == "Seq Scan" && plan["Actual Loops"] != 0;
    if sorts || scans {
        found.push(format!("{kind} {} {}", plan["Relation Name"], plan["Sort Key"]));
    }
    for below in plan["Plans"].as_array().into_iter().flatten() {
        expensive(below, found);
    }
}

/// Blocks that a page of a customer's orders touches.
async fn cost(world: &World, page: i64) -> i64 {
    let sql = "SELECT id FROM orders.orders WHERE merchant_id = $1 ORDER BY id DESC OFFSET $2 LIMIT 1";
    let row = world.admin.query_one(sql, &[&world.merchant.uuid(), &(page * 50)]).await.unwrap();
    let before: uuid::Uuid = row.get(0);
    let reader = world.database.client_as("purser_read").await;
    reader.batch_execute("SET plan_cache_mode = force_custom_plan; SET jit = off").await.unwrap();
    let list = order::queries::list_orders::OF_CUSTOMER.text;
    reader.batch_execute(&format!("PREPARE page AS {list}")).await.unwrap();
    let explain = format!(
        "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE page ('{}', '{before}', 50, 'c-1')",
        world.merchant.uuid()
    );
    let plan: serde_json::Value = reader.query_one(&explain, &[]).await.unwrap().get(0);
    let top = &plan[0]["Plan"];
    assert_eq!(top["Actual Rows"], 50, "{plan}");
    let mut found = Vec::new();
    expensive(top, &mut found);
    assert!(found.is_empty(), "{found:?} in {plan}");
    top["Shared Hit Blocks"].as_i64().unwrap() + top["Shared Read Blocks"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hundredth_page_of_a_customers_orders_costs_what_the_first_does() {
    let world = world().await;
    world.grow(10_000, "DELIVERED", "c-1").await;
    for analyzed in [false, true] {
        if analyzed {
            world.admin.batch_execute("ANALYZE orders.orders, orders.lines").await.unwrap();
        }
        let (first, hundredth) = (cost(&world, 0).await, cost(&world, 100).await);
        assert!((first - hundredth).abs() * 5 < first, "analyzed {analyzed}: {first} and {hundredth} blocks");
    }
}
