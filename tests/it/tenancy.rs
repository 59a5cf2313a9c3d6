//! What belongs to one merchant does not exist for another, whichever read asks.

use contract::purser::catalog::v1::get_sku_request::Sku as SkuBy;
use contract::purser::catalog::v1::*;
use contract::purser::inventory::v1::*;
use contract::purser::order::v1::order_filter::By as OrderBy;
use contract::purser::order::v1::*;
use contract::purser::payment::v1::lookup_payment_request::By as PaymentBy;
use contract::purser::payment::v1::*;
use tonic::{Code, Status};

use crate::support::methods;
use crate::support::process::Serving;
use crate::support::shop::{CARD, Shop, key};
use crate::support::world::World;

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

    async fn shown_by_catalog(
        &self,
        at: &Serving,
        method: &str,
        merchant_id: String,
    ) -> Result<usize, Status> {
        let (mut client, sku_id) = (at.catalog(), self.sku_id.clone());
        Ok(match method.split('/').next_back().unwrap() {
            "GetSku" => {
                let by_id =
                    GetSkuRequest { merchant_id: merchant_id.clone(), sku: Some(SkuBy::SkuId(sku_id)) };
                let by_code = GetSkuRequest { merchant_id, sku: Some(SkuBy::SkuCode("MUG".into())) };
                let (by_id, by_code) = (client.get_sku(by_id).await, client.get_sku(by_code).await);
                assert_eq!(by_id.is_ok(), by_code.is_ok());
                by_id.map(|_| 1)?
            }
            "BatchGetSkus" => {
                let request = BatchGetSkusRequest { merchant_id, sku_ids: vec![sku_id] };
                let answer = client.batch_get_skus(request).await?.into_inner();
                assert_eq!(answer.skus.len() + answer.missing_sku_ids.len(), 1);
                answer.skus.len()
            }
            "ListSkus" => {
                let request = ListSkusRequest { merchant_id, ..Default::default() };
                client.list_skus(request).await?.into_inner().skus.len()
            }
            "ListPrices" => {
                let request = ListPricesRequest { merchant_id, sku_id, ..Default::default() };
                client.list_prices(request).await?.into_inner().prices.len()
            }
            other => panic!("{other} has no case"),
        })
    }

    async fn shown_by_inventory(
        &self,
        at: &Serving,
        method: &str,
        merchant_id: String,
    ) -> Result<usize, Status> {
        let (mut client, sku_id) = (at.inventory(), self.sku_id.clone());
        Ok(match method.split('/').next_back().unwrap() {
            "GetStock" => {
                client.get_stock(GetStockRequest { merchant_id, sku_id }).await?.into_inner().levels.len()
            }
            "BatchGetStock" => {
                let request = BatchGetStockRequest { merchant_id, sku_ids: vec![sku_id] };
                client.batch_get_stock(request).await?.into_inner().levels.len()
            }
            "ListStock" => {
                let request = ListStockRequest { merchant_id, ..Default::default() };
                client.list_stock(request).await?.into_inner().levels.len()
            }
            "GetReservation" => {
                let request =
                    GetReservationRequest { merchant_id, reservation_id: self.reservation_id.clone() };
                client.get_reservation(request).await.map(|_| 1)?
            }
            "ListMovements" => {
                let request = ListMovementsRequest { merchant_id, sku_id, ..Default::default() };
                client.list_movements(request).await?.into_inner().movements.len()
            }
            other => panic!("{other} has no case"),
        })
    }

    async fn shown_by_orders(&self, at: &Serving, method: &str, merchant: &str) -> Result<usize, Status> {
        let (mut client, order_id) = (at.orders(), self.order_id.clone());
        let merchant_id = merchant.to_owned();
        Ok(match method.split('/').next_back().unwrap() {
            "GetOrder" => client.get_order(GetOrderRequest { merchant_id, order_id }).await.map(|_| 1)?,
            "BatchGetOrders" => {
                let request = BatchGetOrdersRequest { merchant_id, order_ids: vec![order_id] };
                let answer = client.batch_get_orders(request).await?.into_inner();
                assert_eq!(answer.orders.len() + answer.missing_order_ids.len(), 1);
                answer.orders.len()
            }
            "ListOrders" => {
                let mut shown = Vec::new();
                for by in [
                    None,
                    Some(OrderBy::CustomerId("c-17".into())),
                    Some(OrderBy::State(order::State::Processing.into())),
                    Some(OrderBy::TrackingNumber(TRACKING.into())),
                    Some(OrderBy::ClientReference(REFERENCE.into())),
                ] {
                    let (merchant_id, filter) = (merchant_id.clone(), Some(OrderFilter { by }));
                    let request = ListOrdersRequest { merchant_id, filter, ..Default::default() };
                    shown.push(client.list_orders(request).await?.into_inner().orders.len());
                }
                assert!(shown.iter().all(|orders| orders == &shown[0]), "{shown:?}");
                shown[0]
            }
            "GetOrderTimeline" => {
                let request = GetOrderTimelineRequest { merchant_id, order_id };
                client.get_order_timeline(request).await?.into_inner().entries.len()
            }
            "ListFulfillmentQueue" => {
                let request = ListFulfillmentQueueRequest { merchant_id, ..Default::default() };
                client.list_fulfillment_queue(request).await?.into_inner().orders.len()
            }
            other => panic!("{other} has no case"),
        })
    }

    async fn shown_by_payments(&self, at: &Serving, method: &str, merchant: &str) -> Result<usize, Status> {
        let (mut client, merchant_id) = (at.payments(), merchant.to_owned());
        Ok(match method.split('/').next_back().unwrap() {
            "GetPayment" => {
                let request = GetPaymentRequest { merchant_id, payment_id: self.payment_id.clone() };
                client.get_payment(request).await.map(|_| 1)?
            }
            "LookupPayment" => {
                let lookup = |by| LookupPaymentRequest { merchant_id: merchant_id.clone(), by: Some(by) };
                let by_key =
                    client.lookup_payment(lookup(PaymentBy::IdempotencyKey(self.capture_key.clone()))).await;
                let by_reference = PaymentBy::ProviderReference(self.provider_reference.clone());
                let by_reference = client.lookup_payment(lookup(by_reference)).await;
                assert_eq!(by_key.is_ok(), by_reference.is_ok());
                by_key.map(|_| 1)?
            }
            "ListPayments" => {
                let request = ListPaymentsRequest {
                    merchant_id,
                    order_id: self.order_id.clone(),
                    ..Default::default()
                };
                client.list_payments(request).await?.into_inner().payments.len()
            }
            other => panic!("{other} has no case"),
        })
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
