//! What belongs to one merchant does not exist for another, whichever read asks.

use contract::purser::inventory::v1::{CreateReservationRequest, ReservationLine};
use contract::purser::order::v1::{ShipOrderRequest, ShipmentLine};
use contract::purser::payment::v1::CapturePaymentRequest;
use tonic::{Code, Status};

use crate::support::methods;
use crate::support::process::Serving;
use crate::support::shop::{CARD, Shop, key};
use crate::support::world::World;

mod reads;

/// One of everything that a merchant can have.
struct Belongings {
    sku_id: String,
    reservation_id: String,
    order_id: String,
    payment_id: String,
    capture_key: String,
    provider_reference: String,
}

const REFERENCE: &str = "invoice 1";
const TRACKING: &str = "TR-1";

impl Belongings {
    async fn of(shop: &Shop, at: &Serving) -> Self {
        let merchant_id = || shop.merchant_id.clone();
        let sku_id = shop.stock(at, "MUG", 995, 10).await;
        let line = ReservationLine { sku_id: sku_id.clone(), location: String::new(), quantity: 1 };
        let reservation = CreateReservationRequest {
            merchant_id: merchant_id(),
            idempotency_key: key(),
            lines: vec![line],
            hold_duration: None,
        };
        let reservation = at.inventory().create_reservation(reservation).await.unwrap().into_inner();

        let mut basket = shop.basket(&[&sku_id]);
        basket.lines[0].quantity = 2;
        basket.client_reference = REFERENCE.into();
        let placed = at.orders().place_order(basket).await.unwrap().into_inner();
        let order_id = placed.order.unwrap().order_id;
        let capture = CapturePaymentRequest {
            merchant_id: merchant_id(),
            idempotency_key: key(),
            payment_id: placed.payment_id.clone(),
            method_token: CARD.into(),
        };
        let capture_key = capture.idempotency_key.clone();
        let payment = at.payments().capture_payment(capture).await.unwrap().into_inner().payment.unwrap();
        // A part of it, so that the order stays in the queue.
        let ship = ShipOrderRequest {
            merchant_id: merchant_id(),
            idempotency_key: key(),
            order_id: order_id.clone(),
            lines: vec![ShipmentLine { line_no: 1, quantity: 1 }],
            tracking_number: TRACKING.into(),
            carrier: String::new(),
        };
        at.orders().ship_order(ship).await.unwrap();
        Self {
            sku_id,
            reservation_id: reservation.reservation.unwrap().reservation_id,
            order_id,
            payment_id: placed.payment_id,
            capture_key,
            provider_reference: payment.operations[0].provider_reference.clone(),
        }
    }

    /// How many of them a read shows to a merchant.
    async fn shown(&self, at: &Serving, method: &str, merchant: &str) -> Result<usize, Status> {
        match method.split('/').next().unwrap() {
            "CatalogService" => self.shown_by_catalog(at, method, merchant.into()).await,
            "InventoryService" => self.shown_by_inventory(at, method, merchant.into()).await,
            "OrderService" => self.shown_by_orders(at, method, merchant).await,
            "PaymentService" => self.shown_by_payments(at, method, merchant).await,
            other => panic!("{other} has no cases"),
        }
    }
}

#[tokio::test]
async fn no_read_shows_a_merchant_what_belongs_to_another() {
    let world = World::new().await;
    let serving = world.serve().await;
    let (owner, stranger) = (Shop::open(&serving).await, Shop::open(&serving).await);
    let belongings = Belongings::of(&owner, &serving).await;
    let mut not_found = Vec::new();
    for method in methods::all().into_iter().filter(|method| method.reads) {
        let method = method.name;
        let own = belongings.shown(&serving, &method, &owner.merchant_id).await.unwrap();
        assert!(own > 0, "{method} shows its owner nothing");
        match belongings.shown(&serving, &method, &stranger.merchant_id).await {
            Ok(shown) => assert_eq!(shown, 0, "{method}"),
            Err(status) => {
                assert_eq!(status.code(), Code::NotFound, "{method}: {status:?}");
                not_found.push(method);
            }
        }
    }
    // A read of one thing says that there is none; only batches and lists are empty.
    let single = methods::all().into_iter().filter(|method| {
        let name = method.name.split('/').next_back().unwrap();
        method.reads && (name.starts_with("Get") || name.starts_with("Lookup"))
    });
    for method in single {
        assert!(not_found.contains(&method.name), "{}", method.name);
    }
    serving.stop().await;
    world.adds_up().await;
}
