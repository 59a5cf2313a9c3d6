//! A Purser of a few lines, in memory, behind the real contract: enough to see what a replay does when answers get
//! lost, orders expire, or the service is gone for a while.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};

use contract::purser::catalog::v1::catalog_service_server::{CatalogService, CatalogServiceServer};
use contract::purser::catalog::v1::*;
use contract::purser::common::v1::{Money, ShortLine, StockShortage};
use contract::purser::inventory::v1::inventory_service_server::{InventoryService, InventoryServiceServer};
use contract::purser::inventory::v1::*;
use contract::purser::order::v1::order::State;
use contract::purser::order::v1::order_service_server::{OrderService, OrderServiceServer};
use contract::purser::order::v1::*;
use contract::purser::payment::v1::payment::State as PaymentState;
use contract::purser::payment::v1::payment_service_server::{PaymentService, PaymentServiceServer};
use contract::purser::payment::v1::*;
use futures::TryStreamExt;
use prost::Message;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Code, Request, Response, Status};
use tonic_types::{ErrorDetails, StatusExt};

type Reply<T> = Result<Response<T>, Status>;

/// What the fake holds, and how it misbehaves.
#[derive(Default)]
pub struct Books {
    /// The orders, oldest first; the id of the order at place n is `ord_n`, its payment is `pay_n`.
    pub orders: Vec<Order>,
    /// Which order a `PlaceOrder` key made.
    pub keys: HashMap<String, usize>,
    /// SKUs by code.
    pub skus: BTreeMap<String, Sku>,
    /// Units received by SKU id.
    pub received: BTreeMap<String, i64>,
    /// Every key of every other call, with how often it came.
    pub calls: BTreeMap<String, usize>,
    /// Every call of this many does its work, and then its answer is lost; 0 for none.
    pub lose_every: usize,
    /// Client references of orders that expire before they are paid.
    pub expiring: HashSet<String>,
    /// Client references of orders that somebody cancels before they are paid.
    pub cancelled: HashSet<String>,
    /// SKU codes that are sold out.
    pub sold_out: HashSet<String>,
    /// The merchant was made by hand, under another key.
    pub merchant_taken: bool,
    calls_made: usize,
}

/// A running server with a runtime of its own: dropped, it is gone with all its connections, as if it were killed.
pub struct Server(Option<Runtime>);

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// The fake, shared by its services and the test.
#[derive(Clone, Default)]
pub struct Fake(Arc<Mutex<Books>>);

impl Fake {
    pub fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap()
    }

    /// Serves until the answer is dropped.
    pub fn serve(&self, listener: TcpListener) -> Server {
        let fake = self.clone();
        let router = tonic::transport::Server::builder()
            .add_service(CatalogServiceServer::new(fake.clone()))
            .add_service(InventoryServiceServer::new(fake.clone()))
            .add_service(OrderServiceServer::new(fake.clone()))
            .add_service(PaymentServiceServer::new(fake));
        let listener = listener.into_std().unwrap();
        let runtime = Runtime::new().unwrap();
        runtime.spawn(async move {
            let incoming = TcpListenerStream::new(TcpListener::from_std(listener).unwrap());
            // Small answers must not wait for the acknowledgement of the one before.
            let incoming = incoming.map_ok(|stream| {
                stream.set_nodelay(true).unwrap();
                stream
            });
            router.serve_with_incoming(incoming).await
        });
        Server(Some(runtime))
    }

    // Ends a call that changed something: its answer may get lost now.
    fn reply<T>(&self, message: T) -> Reply<T> {
        let mut books = self.books();
        books.calls_made += 1;
        if books.lose_every > 0 && books.calls_made.is_multiple_of(books.lose_every) {
            return Err(Status::unknown("transport error"));
        }
        Ok(Response::new(message))
    }

    fn first(&self, key: &str) -> bool {
        let mut books = self.books();
        let times = books.calls.entry(key.to_owned()).or_default();
        *times += 1;
        *times == 1
    }
}

fn refusal(code: Code, reason: &str, resource: &str) -> Status {
    let mut details = ErrorDetails::with_error_info(reason, "purser.dev", HashMap::new());
    details.set_resource_info("thing", resource, "", "");
    Status::with_error_details(code, "refused", details)
}

fn gbp(minor_units: i64) -> Option<Money> {
    Some(Money { currency_code: "GBP".into(), minor_units })
}

fn now() -> prost_types::Timestamp {
    let now = kernel::Clock::default().wall();
    prost_types::Timestamp { seconds: now.unix_timestamp(), nanos: now.nanosecond().try_into().unwrap() }
}

// One SKU has less than is wanted.
fn shortage(sku: &Sku, wanted: i64, available: i64) -> Status {
    let short = ShortLine { sku_code: sku.sku_code.clone(), wanted, available, ..ShortLine::default() };
    let info = tonic_types::pb::ErrorInfo { reason: "INSUFFICIENT_STOCK".into(), ..Default::default() };
    let shortage = StockShortage { lines: vec![short], more: 0 };
    let any = |name: &str, value| prost_types::Any { type_url: format!("type.googleapis.com/{name}"), value };
    let details = vec![
        any("google.rpc.ErrorInfo", info.encode_to_vec()),
        any("purser.common.v1.StockShortage", shortage.encode_to_vec()),
    ];
    let code = Code::FailedPrecondition;
    let status = tonic_types::pb::Status { code: code.into(), message: "not enough stock".into(), details };
    Status::with_details(code, "not enough stock", status.encode_to_vec().into())
}

fn minor(money: Option<&Money>) -> i64 {
    money.map_or(0, |money| money.minor_units)
}

// An implementation with the calls that the replay makes; the others are not there.
macro_rules! service {
    ($service:ident { $($given:item)* } absent { $($name:ident $request:ident $response:ident;)* }) => {
        #[tonic::async_trait]
        impl $service for Fake {
            $($given)*
            $(async fn $name(&self, _: Request<$request>) -> Reply<$response> { Err(Status::unimplemented("")) })*
        }
    };
}

service! { CatalogService {
    async fn create_merchant(&self, request: Request<CreateMerchantRequest>) -> Reply<CreateMerchantResponse> {
        if self.books().merchant_taken {
            return Err(refusal(Code::AlreadyExists, "MERCHANT_CODE_TAKEN", "mer_0"));
        }
        let replayed = !self.first(&request.into_inner().idempotency_key);
        let merchant = Merchant { merchant_id: "mer_0".into(), ..Merchant::default() };
        self.reply(CreateMerchantResponse { merchant: Some(merchant), replayed })
    }

    async fn upsert_skus(&self, request: Request<UpsertSkusRequest>) -> Reply<UpsertSkusResponse> {
        let request = request.into_inner();
        let replayed = !self.first(&request.idempotency_key);
        let mut skus = Vec::new();
        for draft in request.skus {
            let mut books = self.books();
            let sku_id = format!("sku_{}", books.skus.len());
            let sku = books.skus.entry(draft.sku_code.clone()).or_insert_with(|| Sku {
                sku_id,
                sku_code: draft.sku_code,
                tracks_stock: !draft.untracked,
                prices: draft.unit_price.into_iter().collect(),
                ..Sku::default()
            });
            skus.push(sku.clone());
        }
        self.reply(UpsertSkusResponse { skus, replayed })
    }
} absent {
    create_product CreateProductRequest CreateProductResponse;
    get_sku GetSkuRequest GetSkuResponse;
    batch_get_skus BatchGetSkusRequest BatchGetSkusResponse;
    list_skus ListSkusRequest ListSkusResponse;
    set_price SetPriceRequest SetPriceResponse;
    list_prices ListPricesRequest ListPricesResponse;
} }

service! { InventoryService {
    async fn receive_stock(&self, request: Request<ReceiveStockRequest>) -> Reply<ReceiveStockResponse> {
        let request = request.into_inner();
        let replayed = !self.first(&request.idempotency_key);
        for line in request.lines.iter().filter(|_| !replayed) {
            *self.books().received.entry(line.sku_id.clone()).or_default() += line.quantity;
        }
        self.reply(ReceiveStockResponse { levels: vec![], replayed })
    }
} absent {
    get_stock GetStockRequest GetStockResponse;
    batch_get_stock BatchGetStockRequest BatchGetStockResponse;
    list_stock ListStockRequest ListStockResponse;
    adjust_stock AdjustStockRequest AdjustStockResponse;
    create_reservation CreateReservationRequest CreateReservationResponse;
    release_reservation ReleaseReservationRequest ReleaseReservationResponse;
    get_reservation GetReservationRequest GetReservationResponse;
    list_movements ListMovementsRequest ListMovementsResponse;
} }

impl Books {
    fn place(&mut self, request: PlaceOrderRequest) -> Result<Order, Status> {
        let reference = request.client_reference;
        if !reference.is_empty() && self.orders.iter().any(|order| order.client_reference == reference) {
            return Err(refusal(Code::AlreadyExists, "CLIENT_REFERENCE_TAKEN", &reference));
        }
        let mut lines = Vec::new();
        for (line, line_no) in request.lines.into_iter().zip(1..) {
            let sku = self
                .skus
                .values()
                .find(|sku| sku.sku_id == line.sku_id)
                .ok_or_else(|| Status::internal("sku"))?;
            let on_hand = self.received.get(&sku.sku_id).copied().unwrap_or_default();
            if self.sold_out.contains(&sku.sku_code) || (sku.tracks_stock && line.quantity > on_hand) {
                return Err(shortage(sku, line.quantity, on_hand));
            }
            let unit_price = line.unit_price.or_else(|| sku.prices.first().cloned());
            let (sku_code, quantity) = (sku.sku_code.clone(), line.quantity);
            lines.push(OrderLine { line_no, sku_code, quantity, unit_price, ..OrderLine::default() });
        }
        let total = lines.iter().map(|line| minor(line.unit_price.as_ref()) * line.quantity).sum::<i64>();
        if request.expected_total.as_ref().is_some_and(|expected| expected.minor_units != total) {
            return Err(refusal(Code::FailedPrecondition, "TOTAL_CHANGED", ""));
        }
        let paid = request.payment.is_some_and(|payment| payment.method_token == "pm_card_visa");
        let state = if total == 0 || paid { State::Confirmed } else { State::Pending };
        Ok(Order {
            order_id: format!("ord_{}", self.orders.len()),
            client_reference: reference,
            customer_id: request.customer_id,
            ordered_time: request.ordered_time,
            create_time: Some(now()),
            state: state.into(),
            lines,
            total: gbp(total),
            captured: gbp(if paid { total } else { 0 }),
            ..Order::default()
        })
    }

    fn order(&mut self, id: &str) -> Result<&mut Order, Status> {
        let place = id.split('_').nth(1).and_then(|place| place.parse::<usize>().ok());
        place.and_then(|place| self.orders.get_mut(place)).ok_or_else(|| Status::internal("order"))
    }

    fn step(&mut self, id: &str, from: State, to: State) -> Result<Order, Status> {
        let order = self.order(id)?;
        if order.state() != from && order.state() != to {
            return Err(refusal(Code::FailedPrecondition, "ILLEGAL_TRANSITION", ""));
        }
        order.set_state(to);
        Ok(order.clone())
    }
}

service! { OrderService {
    async fn place_order(&self, request: Request<PlaceOrderRequest>) -> Reply<PlaceOrderResponse> {
        let request = request.into_inner();
        let key = request.idempotency_key.clone();
        let at_once = request.payment.is_some();
        assert!((16..=64).contains(&key.len()), "{key}");
        let (place, replayed) = {
            let mut books = self.books();
            match books.keys.get(&key).copied() {
                Some(place) => (place, true),
                None => {
                    let order = books.place(request)?;
                    books.orders.push(order);
                    let place = books.orders.len() - 1;
                    books.keys.insert(key, place);
                    (place, false)
                }
            }
        };
        let order = self.books().orders[place].clone();
        let payment_id = if minor(order.total.as_ref()) == 0 { String::new() } else { format!("pay_{place}") };
        let declined = at_once && order.state() == State::Pending;
        let payment_failure = declined.then(|| PaymentFailure {
            reason: "PAYMENT_DECLINED".into(),
            message: "declined".into(),
            metadata: HashMap::from([("category".into(), "insufficient_funds".into())]),
        });
        self.reply(PlaceOrderResponse { order: Some(order), payment_id, payment_failure, replayed })
    }

    async fn get_order(&self, request: Request<GetOrderRequest>) -> Reply<GetOrderResponse> {
        let order = self.books().order(&request.into_inner().order_id)?.clone();
        Ok(Response::new(GetOrderResponse { order: Some(order) }))
    }

    async fn batch_get_orders(&self, request: Request<BatchGetOrdersRequest>) -> Reply<BatchGetOrdersResponse> {
        // Answers three at a time, so that what is deferred has to be asked for again.
        let mut wanted = request.into_inner().order_ids;
        let deferred_order_ids = wanted.split_off(wanted.len().min(3));
        let mut books = self.books();
        let orders = wanted.iter().map(|id| books.order(id).cloned()).collect::<Result<_, _>>()?;
        Ok(Response::new(BatchGetOrdersResponse { orders, missing_order_ids: vec![], deferred_order_ids }))
    }

    async fn get_order_timeline(&self, request: Request<GetOrderTimelineRequest>) -> Reply<GetOrderTimelineResponse> {
        let mut books = self.books();
        let order = books.order(&request.into_inner().order_id)?.clone();
        let reason = if books.expiring.contains(&order.client_reference) { "EXPIRED" } else { "changed my mind" };
        let entry = TimelineEntry { to_state: order.state, reason: reason.into(), ..TimelineEntry::default() };
        Ok(Response::new(GetOrderTimelineResponse { entries: vec![entry] }))
    }

    async fn ship_order(&self, request: Request<ShipOrderRequest>) -> Reply<ShipOrderResponse> {
        let request = request.into_inner();
        let replayed = !self.first(&request.idempotency_key);
        let order = self.books().step(&request.order_id, State::Confirmed, State::Shipped)?;
        self.reply(ShipOrderResponse { order: Some(order), replayed })
    }

    async fn deliver_order(&self, request: Request<DeliverOrderRequest>) -> Reply<DeliverOrderResponse> {
        let request = request.into_inner();
        let replayed = !self.first(&request.idempotency_key);
        let order = self.books().step(&request.order_id, State::Shipped, State::Delivered)?;
        self.reply(DeliverOrderResponse { order: Some(order), replayed, no_op: false })
    }
} absent {
    list_orders ListOrdersRequest ListOrdersResponse;
    cancel_order CancelOrderRequest CancelOrderResponse;
    start_processing StartProcessingRequest StartProcessingResponse;
    list_fulfillment_queue ListFulfillmentQueueRequest ListFulfillmentQueueResponse;
} }

service! { PaymentService {
    async fn capture_payment(&self, request: Request<CapturePaymentRequest>) -> Reply<CapturePaymentResponse> {
        let request = request.into_inner();
        let replayed = !self.first(&request.idempotency_key);
        {
            let mut books = self.books();
            let order = books.order(&request.payment_id)?.clone();
            if books.expiring.contains(&order.client_reference) || books.cancelled.contains(&order.client_reference) {
                books.order(&request.payment_id)?.set_state(State::Cancelled);
                return Err(refusal(Code::FailedPrecondition, "PAYMENT_STATE_INVALID", ""));
            }
            let order = books.order(&request.payment_id)?;
            if order.state() == State::Pending {
                order.set_state(State::Confirmed);
                order.captured = order.total.clone();
            }
        }
        let payment = Payment { state: PaymentState::Captured.into(), ..Payment::default() };
        self.reply(CapturePaymentResponse { payment: Some(payment), operation_id: String::new(), replayed })
    }
} absent {
    get_payment GetPaymentRequest GetPaymentResponse;
    lookup_payment LookupPaymentRequest LookupPaymentResponse;
    list_payments ListPaymentsRequest ListPaymentsResponse;
} }
