//! One database with SKUs in it, the order context on it, and payments with a provider behind them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::future;
use kernel::id::PaymentId;
use kernel::{Clock, Currency, IdempotencyKey, MerchantId, OrderId, PageTokens, SkuId};
use order::commands::place_order::{HOLD_DEFAULT, Placed};
use order::domain::model::Order;
use order::grpc::OrderServer;
use order::money::OrderBook;
use order::payments::{InProcess, Payments};
use order::{Deps, Orders};
use payment::capture::CaptureRequest;
use payment::provider::stripe::{self, Stripe};
use platform::db::{Database, DatabaseConfig, DbError, Locking, Tx};
use platform::group_commit::{Kind, Limits, Verdict};
use provider_sim::Sim;
use testkit::TestDatabase;
use tokio::net::TcpListener;
use tokio_postgres::Client;
use uuid::Uuid;

mod orders;
mod rows;
mod rpc;
mod verdicts;

pub use orders::{PLACING, cancel, deliver, expire, ship, start_processing};
pub use rpc::{money, reason};
pub use verdicts::{Verdicts, busy, done, done_before, moved, no_op, placed, refused};

pub const ACTOR: &str = "operator:tester";

/// What the tracked SKUs cost, in minor units.
pub const PRICE: i64 = 1_000;

pub struct World {
    pub database: TestDatabase,
    pub db: Database,
    pub clock: Arc<Clock>,
    pub orders: Orders,
    pub payments: payment::Payments,
    pub provider: Sim,
    pub admin: Client,
    pub merchant: MerchantId,
    /// Three tracked SKUs of the merchant, in the order of their ids.
    pub skus: [SkuId; 3],
}

pub async fn world() -> World {
    let database = TestDatabase::new().await;
    let admin = database.client().await;
    let clock = Arc::new(Clock::default());
    let db = Database::new(&DatabaseConfig::new(database.url())).unwrap();
    let provider = Sim::open(provider_sim::Config { journal: None, clock: Arc::clone(&clock) }).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let payments = payments(&db, &clock, &format!("http://{}", listener.local_addr().unwrap()));
    tokio::spawn(provider.serve(listener, future::pending()));
    let orders = start(&db, &clock, Arc::new(InProcess(payments.clone())));
    let nobody = MerchantId::from_uuid(Uuid::nil());
    let skus = [SkuId::from_uuid(Uuid::nil()); 3];
    let mut world = World { database, db, clock, orders, payments, provider, admin, merchant: nobody, skus };
    world.merchant = world.new_merchant().await;
    for place in 0..3 {
        world.skus[place] = world.sku(world.merchant, true, Some(PRICE)).await;
    }
    world.skus.sort_unstable();
    world
}

fn payments(db: &Database, clock: &Arc<Clock>, provider_url: &str) -> payment::Payments {
    let config = stripe::Config {
        base_url: provider_url.to_owned(),
        secret: "sk_test_1".to_owned(),
        connect_timeout: Duration::from_secs(5),
    };
    payment::Payments::start(payment::Deps {
        database: db.clone(),
        clock: Arc::clone(clock),
        orders: Arc::new(OrderBook),
        provider: Arc::new(Stripe::new(&config).unwrap()),
        limits: payment::capture::Limits::default(),
    })
}

pub fn start(db: &Database, clock: &Arc<Clock>, payments: Arc<dyn Payments>) -> Orders {
    Orders::start(Deps {
        database: db.clone(),
        clock: Arc::clone(clock),
        page_tokens: PageTokens::new(b"a key of the tests"),
        payments,
        provider: "stripe",
        trust_callers: true,
        limits: Limits::default(),
    })
}

pub fn gbp() -> Currency {
    Currency::parse("GBP").unwrap()
}

/// A key of its own for each intent.
pub fn key() -> IdempotencyKey {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    named_key(&NEXT.fetch_add(1, Ordering::Relaxed).to_string())
}

pub fn named_key(name: &str) -> IdempotencyKey {
    IdempotencyKey::parse(&format!("key-of-an-order-test/{name}")).unwrap()
}

impl World {
    /// The context as another process on the same database would run it: pools and lanes of its own.
    pub fn second_process(&self) -> Orders {
        let db = Database::new(&DatabaseConfig::new(self.database.url())).unwrap();
        start(&db, &self.clock, Arc::new(InProcess(self.payments.clone())))
    }

    /// The service, called in this process.
    pub fn server(&self) -> OrderServer {
        OrderServer::new(self.orders.clone())
    }

    /// Runs commands as ONE batch, the way a lane does.
    pub async fn run<K: Kind>(
        &self,
        kind: &K,
        batch: &[Arc<K::Command>],
        locking: Locking,
    ) -> Result<Verdicts<K::Value>, DbError> {
        let tx = Tx::new(self.db.write().await.unwrap(), locking);
        tx.prepare(&kind.statements()).await?;
        // On the heap, as in a lane's task: a test's stack is small.
        let running = Box::pin(kind.run(&tx, self.clock.now(), batch));
        let (begun, result) = future::join(tx.begin(), running).await;
        match begun.and(result) {
            Ok(verdicts) if verdicts.iter().any(|verdict| matches!(verdict, Verdict::Done(_))) => {
                tx.commit().await?;
                Ok(verdicts)
            }
            other => {
                tx.rollback().await;
                other
            }
        }
    }

    /// Captures the payment of an order, which confirms it.
    pub async fn pay(&self, order: OrderId) {
        let sql = "SELECT id FROM payments.payments WHERE order_id = $1";
        let payment = self.admin.query_one(sql, &[&order.uuid()]).await.unwrap().get(0);
        let request = CaptureRequest {
            merchant_id: self.merchant,
            key: key(),
            payment_id: PaymentId::from_uuid(payment),
            method_token: "pm_card_visa".to_owned(),
            actor: ACTOR.to_owned(),
        };
        self.payments.capture(request, None).await.unwrap();
    }

    /// A batch of one order that is accepted.
    pub async fn place(&self, lines: &[(usize, i64)]) -> Arc<Order> {
        placed(&self.place_batch(vec![self.order(lines)]).await.unwrap()[0])
    }

    /// An accepted order with nothing to pay: it is CONFIRMED at once.
    pub async fn confirmed(&self, lines: &[(usize, i64)]) -> OrderId {
        placed(&self.place_batch(vec![self.free_order(lines)]).await.unwrap()[0]).order_id
    }

    /// Everything adds up: the checks of the house, as of the test's time.
    pub async fn assert_sound(&self) {
        let now = Some(self.clock.now());
        let report = reconciliation::check::run_at(&self.database.url(), now).await.unwrap();
        assert!(report.is_clean(), "{report}");
    }

    pub async fn count(&self, sql: &str) -> i64 {
        self.admin.query_one(sql, &[]).await.unwrap().get(0)
    }
}

/// The order that a reply is about.
pub fn order_of(placed: &Placed) -> OrderId {
    match placed {
        Placed::Now { order, .. } => order.order_id,
        Placed::Before(order) => *order,
    }
}

/// How long an order of the tests holds its stock.
pub const HOLD: Duration = HOLD_DEFAULT;
