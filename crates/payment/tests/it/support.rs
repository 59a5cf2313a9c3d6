//! A payment context on a database of its own, with orders in a table of the test and a provider that does as it is told.

use std::sync::Arc;
use std::time::Duration;

use kernel::id::{OperationId, PaymentId};
use kernel::{Clock, Currency, IdempotencyKey, MerchantId, Money, OrderId, Reason};
use payment::capture::{Answer, CaptureRequest, Limits};
use payment::provider::Provider;
use payment::tx::{self, NewPayment};
use payment::{Deps, Payments};
use platform::db::{Database, DatabaseConfig, Locking, Tx};
use testkit::TestDatabase;
use tokio_postgres::Client;

pub mod orders;
pub mod provider;

use orders::TestOrders;
use provider::ScriptedProvider;

/// What the payments of the tests are about, in minor units.
pub const AMOUNT: i64 = 1_999;

pub struct World {
    pub test: TestDatabase,
    pub database: Database,
    pub clock: Arc<Clock>,
    pub provider: Arc<ScriptedProvider>,
    pub payments: Payments,
    /// A superuser, for looking behind the scenes.
    pub sql: Client,
}

/// A payment that waits for its money.
#[derive(Clone, Copy, Debug)]
pub struct Opened {
    pub merchant: MerchantId,
    pub order: OrderId,
    pub payment: PaymentId,
}

impl World {
    pub async fn new() -> Self {
        Self::with(Limits::default()).await
    }

    pub async fn with(limits: Limits) -> Self {
        let test = TestDatabase::new().await;
        let sql = test.client().await;
        sql.batch_execute(orders::TABLE).await.unwrap();
        let database = Database::new(&DatabaseConfig::new(test.url())).unwrap();
        let clock = Arc::new(Clock::default());
        let provider = Arc::new(ScriptedProvider::default());
        let payments = start(&database, &clock, Arc::clone(&provider) as _, limits);
        Self { test, database, clock, provider, payments, sql }
    }

    /// Another process on the same database.
    pub fn second_process(&self, limits: Limits) -> Payments {
        start(&self.database, &self.clock, Arc::clone(&self.provider) as _, limits)
    }

    pub fn merchant(&self) -> MerchantId {
        MerchantId::mint(self.clock.wall())
    }

    /// An order that waits for its money, and its payment.
    pub async fn open(&self, merchant: MerchantId) -> Opened {
        let order = OrderId::mint(self.clock.wall());
        let payment = PaymentId::mint_beside(order);
        self.sql
            .execute(
                "INSERT INTO test_orders.orders (id, merchant_id) VALUES ($1, $2)",
                &[&order.uuid(), &merchant.uuid()],
            )
            .await
            .unwrap();
        let tx = self.begin().await;
        let amount = Money::new(Currency::parse("GBP").unwrap(), AMOUNT);
        let provider = "scripted".to_owned();
        let new =
            NewPayment { payment_id: payment, merchant_id: merchant, order_id: order, amount, provider };
        tx::open_pending(&tx, self.clock.now(), &[new]).await.unwrap();
        tx.commit().await.unwrap();
        Opened { merchant, order, payment }
    }

    pub async fn begin(&self) -> Tx {
        let tx = Tx::new(self.database.write().await.unwrap(), Locking::Wait);
        tx.begin().await.unwrap();
        tx
    }

    pub async fn capture(&self, opened: Opened, key: &str) -> Answer {
        self.payments.capture(request(opened, key), None).await
    }

    /// State, captured, pending and refund pending of a payment, as the table has it.
    pub async fn payment_row(&self, payment: PaymentId) -> (String, i64, i64, i64) {
        let sql =
            "SELECT state, captured, capture_pending, refund_pending FROM payments.payments WHERE id = $1";
        let row = self.sql.query_one(sql, &[&payment.uuid()]).await.unwrap();
        (row.get(0), row.get(1), row.get(2), row.get(3))
    }

    /// Kinds and states of a payment's operations, oldest first.
    pub async fn operations(&self, payment: PaymentId) -> Vec<(String, String)> {
        let sql =
            "SELECT kind, state FROM payments.operations WHERE payment_id = $1 ORDER BY created_time, kind";
        let rows = self.sql.query(sql, &[&payment.uuid()]).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    }

    pub async fn count(&self, sql: &str) -> i64 {
        self.sql.query_one(sql, &[]).await.unwrap().get(0)
    }

    /// What the order was told: captured, how often settled, how often pinned.
    pub async fn order_row(&self, order: OrderId) -> (i64, i64, bool) {
        let sql = "SELECT captured, settled, pinned FROM test_orders.orders WHERE id = $1";
        let row = self.sql.query_one(sql, &[&order.uuid()]).await.unwrap();
        (row.get(0), row.get(1), row.get(2))
    }

    pub async fn set_order(&self, order: OrderId, state: &str) {
        let sql = "UPDATE test_orders.orders SET state = $2 WHERE id = $1";
        assert_eq!(self.sql.execute(sql, &[&order.uuid(), &state]).await.unwrap(), 1);
    }

    /// Time goes on until no lease of before is alive.
    pub fn let_leases_run_out(&self) {
        self.clock.advance(time::Duration::seconds(31));
    }

    /// Time goes on until whatever is in flight is due.
    pub fn let_checks_come(&self) {
        self.clock.advance(time::Duration::seconds(36));
    }
}

/// Payments of one process, with whatever provider.
pub fn start(
    database: &Database,
    clock: &Arc<Clock>,
    provider: Arc<dyn Provider>,
    limits: Limits,
) -> Payments {
    Payments::start(Deps {
        database: database.clone(),
        clock: Arc::clone(clock),
        orders: Arc::new(TestOrders),
        provider,
        limits,
    })
}

pub fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::parse(&format!("key-of-the-test/{text}")).unwrap()
}

pub fn request(opened: Opened, text: &str) -> CaptureRequest {
    CaptureRequest {
        merchant_id: opened.merchant,
        key: key(text),
        payment_id: opened.payment,
        method_token: "pm_card_visa".to_owned(),
        actor: "customer:test".to_owned(),
    }
}

#[track_caller]
pub fn refused(answer: &Answer) -> (Reason, bool) {
    let refusal = answer.as_ref().expect_err("refused");
    (refusal.reason, refusal.replayed)
}

#[track_caller]
pub fn captured(answer: &Answer) -> (OperationId, bool) {
    let captured = answer.as_ref().expect("captured");
    assert_eq!(captured.payment.captured, AMOUNT);
    (captured.operation_id, captured.replayed)
}

pub const PATIENCE: Duration = Duration::from_secs(20);
