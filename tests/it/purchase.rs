//! A purchase from the catalogue to the delivery, by generated clients.

use contract::purser::inventory::v1::{GetStockRequest, ListMovementsRequest, movement};
use contract::purser::order::v1::order::State;
use contract::purser::order::v1::*;
use contract::purser::payment::v1::{ListPaymentsRequest, payment};
use tonic::Request;

use crate::support::process::Serving;
use crate::support::shop::{CARD, Shop, key};
use crate::support::world::World;

fn by<T>(actor: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("purser-actor", actor.parse().unwrap());
    request
}

/// The ids in the merchant's queue.
async fn queue(at: &Serving, shop: &Shop) -> Vec<String> {
    let request = ListFulfillmentQueueRequest { merchant_id: shop.merchant_id.clone(), ..Default::default() };
    let orders = at.orders().list_fulfillment_queue(request).await.unwrap().into_inner().orders;
    orders.into_iter().map(|order| order.order_id).collect()
}

/// On hand and reserved.
async fn level(at: &Serving, shop: &Shop, sku_id: &str) -> (i64, i64) {
    let request = GetStockRequest { merchant_id: shop.merchant_id.clone(), sku_id: sku_id.into() };
    let levels = at.inventory().get_stock(request).await.unwrap().into_inner().levels;
    (levels[0].on_hand, levels[0].reserved)
}

#[tokio::test]
async fn a_purchase_goes_from_the_catalogue_to_the_delivery_and_leaves_its_history() {
    let world = World::new().await;
    let at = world.serve().await;
    let shop = Shop::open(&at).await;
    let merchant_id = || shop.merchant_id.clone();
    let mug = shop.stock(&at, "MUG", 1_250, 10).await;
    let tray = shop.stock(&at, "TRAY", 495, 10).await;

    let mut basket = shop.paid_basket(&[&mug, &tray], CARD);
    basket.lines[0].quantity = 3;
    basket.shipping_address = Some(Address {
        recipient: "Ada Lovelace".into(),
        address_lines: vec!["12 St James's Square".into()],
        locality: "London".into(),
        country_code: "GB".into(),
        ..Default::default()
    });
    let placed = at.orders().place_order(by("customer:c-17", basket.clone())).await.unwrap().into_inner();
    let order = placed.order.unwrap();
    assert_eq!(order.state(), State::Confirmed);
    assert_eq!(order.total.as_ref().unwrap().minor_units, 3 * 1_250 + 495);
    assert_eq!(order.captured, order.total);
    assert_eq!(order.shipping_address, basket.shipping_address);
    let order_id = || order.order_id.clone();
    assert_eq!(queue(&at, &shop).await, [order_id()]);
    assert_eq!(level(&at, &shop, &mug).await, (10, 3));

    let ship = |lines| ShipOrderRequest {
        merchant_id: merchant_id(),
        idempotency_key: key(),
        order_id: order_id(),
        lines,
        tracking_number: String::new(),
        carrier: "Royal Mail".into(),
    };
    let part = ship(vec![ShipmentLine { line_no: 1, quantity: 2 }]);
    let shipped =
        at.orders().ship_order(by("merchant:packer", part)).await.unwrap().into_inner().order.unwrap();
    assert_eq!((shipped.state(), shipped.lines[0].shipped_quantity), (State::Processing, 2));
    assert_eq!(queue(&at, &shop).await, [order_id()]);
    let rest = at.orders().ship_order(by("merchant:packer", ship(vec![]))).await.unwrap().into_inner().order;
    assert_eq!(rest.unwrap().state(), State::Shipped);
    assert!(queue(&at, &shop).await.is_empty());
    assert_eq!((level(&at, &shop, &mug).await, level(&at, &shop, &tray).await), ((7, 0), (9, 0)));

    let deliver =
        DeliverOrderRequest { merchant_id: merchant_id(), idempotency_key: key(), order_id: order_id() };
    let delivered = at.orders().deliver_order(by("system:carrier", deliver)).await.unwrap().into_inner();
    assert_eq!(delivered.order.unwrap().state(), State::Delivered);

    is_told(&at, &shop, &order.order_id, &mug).await;
    at.stop().await;
    world.adds_up().await;
}

/// The history of the order, of its stock and of its payment.
async fn is_told(at: &Serving, shop: &Shop, order_id: &str, sku_id: &str) {
    let (merchant_id, order_id) = (|| shop.merchant_id.clone(), || order_id.to_owned());
    let timeline = GetOrderTimelineRequest { merchant_id: merchant_id(), order_id: order_id() };
    let entries = at.orders().get_order_timeline(timeline).await.unwrap().into_inner().entries;
    let told: Vec<_> = entries
        .iter()
        .map(|entry| (entry.seq, entry.from_state(), entry.to_state(), &*entry.actor))
        .collect();
    assert_eq!(
        told,
        [
            (1, State::Unspecified, State::Pending, "customer:c-17"),
            (2, State::Pending, State::Confirmed, "customer:c-17"),
            (3, State::Confirmed, State::Processing, "merchant:packer"),
            (4, State::Processing, State::Shipped, "merchant:packer"),
            (5, State::Shipped, State::Delivered, "system:carrier"),
        ]
    );
    assert!(entries[1].cause.starts_with("op_"), "{:?}", entries[1]);
    assert!(entries.iter().all(|entry| entry.state_duration.is_some_and(|spent| spent.seconds >= 0)));

    let movements =
        ListMovementsRequest { merchant_id: merchant_id(), sku_id: sku_id.into(), ..Default::default() };
    let movements = at.inventory().list_movements(movements).await.unwrap().into_inner().movements;
    let kinds: Vec<_> = movements.iter().rev().map(|movement| movement.kind()).collect();
    use movement::Kind;
    assert_eq!(kinds, [Kind::Received, Kind::Reserved, Kind::Shipped, Kind::Shipped]);
    assert!(movements[..3].iter().all(|movement| movement.owner_id == order_id()));

    let payments =
        ListPaymentsRequest { merchant_id: merchant_id(), order_id: order_id(), ..Default::default() };
    let payments = at.payments().list_payments(payments).await.unwrap().into_inner().payments;
    assert_eq!(
        payments.iter().map(|payment| payment.state()).collect::<Vec<_>>(),
        [payment::State::Captured]
    );
}
