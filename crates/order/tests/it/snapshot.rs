//! What an order copies when it is placed, and what becomes of its lines.

use contract::purser::order::v1 as proto;
use kernel::Reason;
use order::commands::place_order::PlaceOrder;
use order::domain::model::Address;
use order::domain::pricing::Wanted;
use order::domain::state::State;
use prost::Message;

use crate::support::{PRICE, key, money, placed, reason, refused, world};

fn address() -> proto::Address {
    proto::Address {
        recipient: "Ada".to_owned(),
        address_lines: vec!["1 Analytical Row".to_owned(), "Flat 2".to_owned()],
        locality: "London".to_owned(),
        country_code: "GB".to_owned(),
        ..proto::Address::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_price_and_a_new_name_leave_an_order_as_it_was_to_the_byte() {
    let world = world().await;
    world.receive(0, 9).await;
    let request = proto::PlaceOrderRequest {
        shipping_address: Some(address()),
        customer_id: "c-1".to_owned(),
        ..world.place_request(&key(), &[(0, 2)])
    };
    let placed = world.call_place(request).await.unwrap().order.unwrap();
    let before = world.call_get(&placed.order_id).await.unwrap().encode_to_vec();
    assert_eq!(placed.encode_to_vec(), before, "answered as it is read");
    let change =
        "UPDATE catalog.prices SET unit_price = 7; UPDATE catalog.sku_details SET display_name = 'new'";
    world.admin.batch_execute(change).await.unwrap();
    assert_eq!(world.call_get(&placed.order_id).await.unwrap().encode_to_vec(), before);
    let next = world.place(&[(0, 1)]).await;
    assert_eq!((next.lines[0].unit_price, next.lines[0].display_name.as_str()), (7, "new"));
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_services_role_cannot_change_what_was_written_at_placement() {
    let world = world().await;
    world.receive(0, 9).await;
    let address = Address {
        recipient: "Ada".to_owned(),
        lines: vec!["1 Analytical Row".to_owned()],
        locality: "London".to_owned(),
        administrative_area: String::new(),
        postal_code: String::new(),
        country_code: "GB".to_owned(),
        phone: String::new(),
    };
    let order = PlaceOrder { address: Some(address), ..world.order(&[(0, 1)]) };
    placed(&world.place_batch(vec![order]).await.unwrap()[0]);
    let service = world.database.client_as("purser_write").await;
    let forbidden = [
        "UPDATE orders.addresses SET recipient = 'Eve'",
        "UPDATE orders.lines SET unit_price = 0, line_total = 0",
        "UPDATE orders.orders SET total = 0",
        "UPDATE orders.history SET actor = 'operator:eve'",
        "DELETE FROM orders.history",
        "DELETE FROM orders.orders",
        "DELETE FROM inventory.movements",
        "DELETE FROM platform.events",
    ];
    for sql in forbidden {
        let error = service.batch_execute(sql).await.expect_err(sql);
        let code = error.code().unwrap();
        assert_eq!(code, &tokio_postgres::error::SqlState::INSUFFICIENT_PRIVILEGE, "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_with_nothing_to_pay_is_confirmed_at_once_and_waits_to_be_fulfilled() {
    let world = world().await;
    world.receive(0, 9).await;
    let order = placed(&world.place_batch(vec![world.free_order(&[(0, 2)])]).await.unwrap()[0]);
    assert_eq!((order.state, order.expires_at), (State::Confirmed, None));
    let (history, events) = world.history(order.order_id).await;
    assert_eq!(history, [(1, "PENDING".to_owned()), (2, "CONFIRMED".to_owned())]);
    assert_eq!(events, [(1, "OrderPlaced".to_owned()), (2, "OrderConfirmed".to_owned())]);
    assert_eq!(world.count("SELECT count(*) FROM orders.fulfilment_queue").await, 1);
    assert_eq!(world.count("SELECT count(*) FROM payments.payments").await, 0);
    assert_eq!(world.count("SELECT count(*) FROM inventory.holds WHERE expires_at IS NULL").await, 1);
    world.clock.advance(time::Duration::days(2));
    assert_eq!(order::workers::expiry::run_once(&world.orders).await.unwrap(), 0);
    assert_eq!(world.stock(0).await.reserved, 2);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_tracks_no_stock_needs_none_and_is_shipped_with_the_rest() {
    let world = world().await;
    world.receive(0, 2).await;
    let postage = world.sku(world.merchant, false, Some(300)).await;
    let mut order = world.free_order(&[(0, 2)]);
    let wanted = Wanted { sku_id: postage, quantity: 5, unit_price: Some(0), location: "main".to_owned() };
    order.lines.push(wanted);
    let order = placed(&world.place_batch(vec![order]).await.unwrap()[0]);
    assert_eq!(order.lines.iter().map(|line| line.location.as_str()).collect::<Vec<_>>(), ["main", ""]);
    assert_eq!(world.count("SELECT count(*) FROM inventory.holds").await, 1);
    world.assert_sound().await;
    let shipped = world.batch(vec![(order.order_id, crate::support::ship(&[], ""))]).await;
    crate::support::moved(&shipped[0]);
    assert_eq!(world.state(order.order_id).await, "SHIPPED");
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_lines_become_one_and_two_prices_of_a_sku_stay_two() {
    let world = world().await;
    world.receive(0, 6).await;
    let mut request = world.place_request(&key(), &[(0, 1), (0, 2), (0, 3)]);
    request.lines[2].unit_price = Some(money(900));
    let response = world.call_place(request).await.unwrap();
    let order = response.order.unwrap();
    let lines: Vec<(i64, i64)> = order
        .lines
        .iter()
        .map(|line| (line.quantity, line.unit_price.as_ref().unwrap().minor_units))
        .collect();
    assert_eq!(lines, [(3, PRICE), (3, 900)]);
    assert_eq!(order.total.unwrap().minor_units, 3 * PRICE + 2_700);
    assert_eq!(world.stock(0).await.reserved, 6);
    assert_eq!(world.count("SELECT count(*) FROM inventory.holds").await, 1, "one promise of one stock row");
    let refusal = refused(&world.place_batch(vec![world.order(&[(0, 1), (0, 1)])]).await.unwrap()[0]);
    assert_eq!(refusal.shortage[0].wanted, 2);

    let paying = kernel::OrderId::from_uuid(order.order_id.parse::<kernel::OrderId>().unwrap().uuid());
    world.pay(paying).await;
    // The parts of both lines come out of the one hold.
    let both = world.batch(vec![(paying, crate::support::ship(&[(1, 1), (2, 3)], ""))]).await;
    crate::support::moved(&both[0]);
    assert_eq!(world.stock(0).await.reserved, 2);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_showed_another_total_is_told_the_new_one() {
    let world = world().await;
    world.receive(0, 6).await;
    let request = |total| proto::PlaceOrderRequest {
        expected_total: Some(money(total)),
        ..world.place_request(&key(), &[(0, 2)])
    };
    assert_eq!(reason(world.call_place(request(1_999)).await), Reason::TotalChanged);
    assert_eq!(world.stock(0).await.reserved, 0);
    assert!(world.call_place(request(2_000)).await.is_ok());
    world.assert_sound().await;
}
