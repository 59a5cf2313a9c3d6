//! Reads of one order and of a few.

use contract::purser::order::v1 as proto;
use kernel::{OrderId, Reason};
use order::queries::{batch_get_orders, get_order_timeline, list_orders};
use proto::order_filter::By;
use proto::order_service_server::OrderService;
use tonic::Request;

use crate::support::{World, cancel, deliver, moved, placed, reason, ship, start_processing, world};

#[tokio::test(flavor = "multi_thread")]
async fn an_order_of_another_merchant_is_as_unknown_as_one_that_does_not_exist() {
    let world = world().await;
    world.receive(0, 9).await;
    let order = world.place(&[(0, 1)]).await.order_id.to_string();
    let stranger = world.new_merchant().await.to_string();
    let get = proto::GetOrderRequest { merchant_id: stranger.clone(), order_id: order.clone() };
    let refused = world.server().get_order(Request::new(get)).await;
    let unknown = world.call_get(&OrderId::mint(world.clock.wall()).to_string()).await;
    assert_eq!([reason(refused), reason(unknown)], [Reason::OrderNotFound; 2]);
    let timeline = proto::GetOrderTimelineRequest { merchant_id: stranger.clone(), order_id: order.clone() };
    assert_eq!(
        reason(world.server().get_order_timeline(Request::new(timeline)).await),
        Reason::OrderNotFound
    );
    let request = proto::BatchGetOrdersRequest { merchant_id: stranger, order_ids: vec![order.clone()] };
    let batch = world.server().batch_get_orders(Request::new(request)).await.unwrap().into_inner();
    assert_eq!((batch.orders.len(), batch.missing_order_ids), (0, vec![order]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_tells_the_time_spent_in_each_state_and_so_far_in_the_last() {
    let world = world().await;
    world.receive(0, 9).await;
    let order = world.confirmed(&[(0, 2)]).await;
    let step = async |minutes: i64, action| {
        world.clock.advance(time::Duration::minutes(minutes));
        moved(&world.batch(vec![(order, action)]).await[0]);
    };
    step(10, start_processing()).await;
    step(20, ship(&[], "")).await;
    step(30, deliver()).await;
    world.clock.advance(time::Duration::minutes(40));
    let request = proto::GetOrderTimelineRequest {
        merchant_id: world.merchant.to_string(),
        order_id: order.to_string(),
    };
    let entries =
        world.server().get_order_timeline(Request::new(request)).await.unwrap().into_inner().entries;
    let minutes: Vec<i64> =
        entries.iter().map(|entry| entry.state_duration.as_ref().unwrap().seconds / 60).collect();
    assert_eq!(minutes, [0, 10, 20, 30, 40]);
    assert_eq!(entries.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(entries[1].reason, "NOTHING_TO_PAY");
    assert!(entries.windows(2).all(|pair| pair[0].to_state == pair[1].from_state));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_names_the_operation_that_caused_it() {
    let world = world().await;
    world.receive(0, 9).await;
    let order = world.place(&[(0, 2)]).await.order_id;
    world.pay(order).await;
    let mut reader = world.db.read().await.unwrap();
    let now = world.clock.now();
    let entries =
        get_order_timeline::get_order_timeline(&mut reader, now, world.merchant, order).await.unwrap();
    let operation: uuid::Uuid =
        world.admin.query_one("SELECT id FROM payments.operations", &[]).await.unwrap().get(0);
    assert_eq!(entries[1].cause.map(kernel::Id::uuid), Some(operation));
    assert_eq!(entries[0].cause, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_orders_comes_in_the_order_asked_for_and_defers_what_would_be_too_much() {
    let world = world().await;
    world.receive(0, 9).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(world.place(&[(0, 1)]).await.order_id);
    }
    // As if the first two were the longest orders there can be.
    let longest = "UPDATE orders.orders SET line_count = 2000, unit_count = 2000 WHERE id = ANY ($1)";
    let two: Vec<uuid::Uuid> = ids[..2].iter().map(|id| id.uuid()).collect();
    world.admin.execute(longest, &[&two]).await.unwrap();
    let unknown = OrderId::mint(world.clock.wall());
    let wanted = [ids[1], unknown, ids[0], ids[2]];
    let mut reader = world.db.read().await.unwrap();
    let batch = batch_get_orders::batch_get_orders(&mut reader, world.merchant, &wanted).await.unwrap();
    assert_eq!(batch.orders.iter().map(|order| order.order_id).collect::<Vec<_>>(), [ids[1], ids[0]]);
    assert_eq!((batch.missing, batch.deferred), (vec![unknown], vec![ids[2]]));
}

async fn listed(world: &World, by: By) -> Vec<String> {
    let response = world.call_list(Some(by), 0, "").await.unwrap();
    assert_eq!(response.next_page_token, "");
    response.orders.into_iter().map(|order| order.order_id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_found_by_every_state_by_tracking_number_and_by_client_reference() {
    let world = world().await;
    world.receive(0, 100).await;
    let referenced =
        placed(&world.place_batch(vec![world.order_with_reference("536365", &[(0, 1)])]).await.unwrap()[0]);
    let pending = referenced.order_id;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(world.confirmed(&[(0, 2)]).await);
    }
    let steps = vec![
        (ids[1], start_processing()),
        (ids[2], ship(&[], "T-1")),
        (ids[3], ship(&[], "T-2")),
        (ids[3], deliver()),
        (ids[4], cancel()),
    ];
    for verdict in world.batch(steps).await {
        moved(&verdict);
    }
    // No method gives money back yet.
    let refunded = world.confirmed(&[(0, 1)]).await;
    let moved_there = "UPDATE orders.orders SET state = 'REFUNDED' WHERE id = $1";
    world.admin.execute(moved_there, &[&refunded.uuid()]).await.unwrap();
    world
        .admin
        .execute("DELETE FROM orders.fulfilment_queue WHERE order_id = $1", &[&refunded.uuid()])
        .await
        .unwrap();

    let states = [
        (proto::order::State::Pending, pending),
        (proto::order::State::Confirmed, ids[0]),
        (proto::order::State::Processing, ids[1]),
        (proto::order::State::Shipped, ids[2]),
        (proto::order::State::Delivered, ids[3]),
        (proto::order::State::Cancelled, ids[4]),
        (proto::order::State::Refunded, refunded),
    ];
    for (state, order) in states {
        assert_eq!(listed(&world, By::State(state.into())).await, [order.to_string()], "{state:?}");
    }
    let unspecified = world.call_list(Some(By::State(0)), 0, "").await;
    assert_eq!(reason(unspecified), Reason::ValidationFailed);
    assert_eq!(listed(&world, By::TrackingNumber("T-2".into())).await, [ids[3].to_string()]);
    assert_eq!(listed(&world, By::TrackingNumber("T-3".into())).await, Vec::<String>::new());
    assert_eq!(listed(&world, By::ClientReference("536365".into())).await, [pending.to_string()]);

    let stranger = world.new_merchant().await;
    let mut reader = world.db.read().await.unwrap();
    for filter in [
        list_orders::Filter::All,
        list_orders::Filter::TrackingNumber("T-2".into()),
        list_orders::Filter::ClientReference("536365".into()),
        list_orders::Filter::State(order::domain::state::State::Pending),
        list_orders::Filter::State(order::domain::state::State::Confirmed),
        list_orders::Filter::State(order::domain::state::State::Shipped),
    ] {
        let page = list_orders::list_orders(&mut reader, stranger, &filter, None, 50).await.unwrap();
        assert!(page.orders.is_empty(), "{filter:?}");
    }
}
