//! One database with SKUs in it, and the context on it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use inventory::commands::{
    AdjustStock, Changed, CreateReservation, ExpireReservation, Level, ReceiveStock, ReleaseReservation,
    StockChange, StockCommand,
};
use inventory::domain::reservation::{Line, Reservation};
use inventory::tx::{Adjustment, Counters, StockKey};
use inventory::{Deps, Inventory, SkuDirectory, SkuInfo};
use kernel::id::ReservationId;
use kernel::{Clock, IdempotencyKey, MerchantId, Refusal, SkuId};
use platform::db::{Database, DatabaseConfig, DbError, Locking, Reader, Tx};
use platform::group_commit::{Kind, Limits, Verdict};
use platform::sql::Sql;
use testkit::TestDatabase;
use tokio_postgres::Client;
use uuid::Uuid;

pub const ACTOR: &str = "operator:tester";

/// The catalogue of these tests.
pub struct TestSkus;

static TRACKED: Sql = Sql {
    name: "test_skus",
    text: "SELECT a.position, d.code, d.tracks_stock
        FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS a (merchant_id, sku_id, position)
        JOIN catalog.sku_details d ON d.sku_id = a.sku_id AND d.merchant_id = a.merchant_id",
};
static EXISTS: Sql = Sql {
    name: "test_sku_exists",
    text: "SELECT s.id FROM catalog.skus s WHERE s.merchant_id = $1 AND s.id = $2",
};

impl SkuDirectory for TestSkus {
    fn tracked<'a>(
        &'a self,
        tx: &'a Tx,
        skus: &'a [(MerchantId, SkuId)],
    ) -> BoxFuture<'a, Result<Vec<Option<SkuInfo>>, DbError>> {
        Box::pin(async move {
            let merchants: Vec<Uuid> = skus.iter().map(|(merchant, _)| merchant.uuid()).collect();
            let ids: Vec<Uuid> = skus.iter().map(|(_, sku)| sku.uuid()).collect();
            let mut found = vec![None; skus.len()];
            for row in tx.query(&TRACKED, &[&merchants, &ids]).await? {
                let place = usize::try_from(row.get::<_, i64>(0) - 1).unwrap();
                found[place] = Some(SkuInfo { code: row.get(1), tracks_stock: row.get(2) });
            }
            Ok(found)
        })
    }

    fn exists<'a>(
        &'a self,
        reader: &'a mut Reader,
        merchant_id: MerchantId,
        sku_id: SkuId,
    ) -> BoxFuture<'a, Result<bool, DbError>> {
        Box::pin(async move {
            Ok(reader.query_opt(&EXISTS, &[&merchant_id.uuid(), &sku_id.uuid()]).await?.is_some())
        })
    }

    fn statements(&self) -> Vec<&'static Sql> {
        vec![&TRACKED]
    }
}

pub struct World {
    pub database: TestDatabase,
    pub db: Database,
    pub clock: Arc<Clock>,
    pub inventory: Inventory,
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
    let inventory = start(&db, &clock);
    let mut world = World {
        database,
        db,
        clock,
        inventory,
        admin,
        merchant: MerchantId::from_uuid(Uuid::nil()),
        skus: [SkuId::from_uuid(Uuid::nil()); 3],
    };
    world.merchant = world.new_merchant().await;
    let merchant = world.merchant;
    for place in 0..3 {
        world.skus[place] = world.sku(merchant, true).await;
    }
    world.skus.sort_unstable();
    world
}

/// The context as another process on the same database would run it.
pub fn start(db: &Database, clock: &Arc<Clock>) -> Inventory {
    Inventory::start(Deps {
        database: db.clone(),
        clock: Arc::clone(clock),
        skus: Arc::new(TestSkus),
        limits: Limits::default(),
    })
}

/// A key of its own for each intent.
pub fn key() -> IdempotencyKey {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    named_key(&NEXT.fetch_add(1, Ordering::Relaxed).to_string())
}

pub fn named_key(name: &str) -> IdempotencyKey {
    IdempotencyKey::parse(&format!("inventory-test-key-{name}")).unwrap()
}

pub type Verdicts = Vec<Verdict<Changed>>;

impl World {
    pub async fn new_merchant(&self) -> MerchantId {
        let id = MerchantId::mint(self.clock.wall());
        let sql = "INSERT INTO catalog.merchants (id, code_key, created_time) VALUES ($1, $2, now())";
        self.admin.execute(sql, &[&id.uuid(), &id.uuid().simple().to_string()]).await.unwrap();
        id
    }

    pub async fn sku(&self, merchant: MerchantId, tracks_stock: bool) -> SkuId {
        let id = SkuId::mint(self.clock.wall());
        let code = format!("code-{}", id.uuid().simple());
        let sql =
            "INSERT INTO catalog.skus (id, merchant_id, code_key, created_time) VALUES ($1, $2, $3, now())";
        self.admin.execute(sql, &[&id.uuid(), &merchant.uuid(), &code]).await.unwrap();
        let sql = "INSERT INTO catalog.sku_details (sku_id, merchant_id, code, display_name, tracks_stock, active, updated_time)
            VALUES ($1, $2, $3, 'a name', $4, true, now())";
        self.admin.execute(sql, &[&id.uuid(), &merchant.uuid(), &code, &tracks_stock]).await.unwrap();
        id
    }

    pub fn stock_key(&self, place: usize) -> StockKey {
        StockKey { sku_id: self.skus[place], location: "main".into(), merchant_id: self.merchant }
    }

    /// Lines of SKUs by place, at the main location.
    pub fn lines(&self, lines: &[(usize, i64)]) -> Vec<Line> {
        let line = |&(place, quantity): &(usize, i64)| Line {
            sku_id: self.skus[place],
            location: "main".into(),
            quantity,
        };
        lines.iter().map(line).collect()
    }

    pub fn receive(&self, lines: &[(usize, i64)]) -> StockCommand {
        self.receive_under(key(), lines)
    }

    pub fn receive_under(&self, key: IdempotencyKey, lines: &[(usize, i64)]) -> StockCommand {
        let wall = self.clock.wall();
        let lines = self.lines(lines);
        StockCommand::Receive(ReceiveStock::new(
            self.merchant,
            key,
            lines,
            "delivery".into(),
            ACTOR.into(),
            wall,
        ))
    }

    pub fn adjust(&self, place: usize, on_hand_delta: i64, force: bool) -> StockCommand {
        let adjustment = Adjustment { key: self.stock_key(place), on_hand_delta, safety: None, force };
        StockCommand::Adjust(AdjustStock::new(
            key(),
            adjustment,
            "count".into(),
            ACTOR.into(),
            self.clock.wall(),
        ))
    }

    pub fn reserve(&self, lines: &[(usize, i64)]) -> StockCommand {
        self.reserve_for(Duration::from_secs(900), lines)
    }

    pub fn reserve_for(&self, hold: Duration, lines: &[(usize, i64)]) -> StockCommand {
        let lines = self.lines(lines);
        let wall = self.clock.wall();
        StockCommand::Create(CreateReservation::new(self.merchant, key(), lines, hold, ACTOR.into(), wall))
    }

    pub fn release(&self, id: ReservationId) -> StockCommand {
        self.release_as(self.merchant, id)
    }

    pub fn release_as(&self, merchant: MerchantId, id: ReservationId) -> StockCommand {
        StockCommand::Release(ReleaseReservation::new(merchant, key(), id, ACTOR.into(), self.clock.wall()))
    }

    pub fn expire(&self, id: ReservationId) -> StockCommand {
        StockCommand::Expire(ExpireReservation { merchant_id: self.merchant, reservation_id: id, lines: 1 })
    }

    /// Runs commands as ONE batch, the way a lane does.
    pub async fn batch(&self, commands: Vec<StockCommand>) -> Result<Verdicts, DbError> {
        let commands: Vec<Arc<StockCommand>> = commands.into_iter().map(Arc::new).collect();
        self.batch_of(&commands, Locking::Wait).await
    }

    pub async fn batch_of(
        &self,
        commands: &[Arc<StockCommand>],
        locking: Locking,
    ) -> Result<Verdicts, DbError> {
        let kind = StockChange::new(Arc::new(TestSkus));
        let tx = Tx::new(self.db.write().await.unwrap(), locking);
        tx.prepare(&kind.statements()).await?;
        tx.begin().await?;
        match kind.run(&tx, self.clock.now(), commands).await {
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

    /// Runs one command that is accepted.
    pub async fn done(&self, command: StockCommand) -> Changed {
        done(&self.batch(vec![command]).await.unwrap()[0])
    }

    /// Makes a reservation that is accepted.
    pub async fn reserved(&self, lines: &[(usize, i64)]) -> Reservation {
        reservation(self.done(self.reserve(lines)).await).0
    }

    pub async fn counters(&self, place: usize) -> Counters {
        let sql = "SELECT on_hand, reserved, safety, shortfall FROM inventory.stock
            WHERE sku_id = $1 AND location = 'main' AND merchant_id = $2";
        let row =
            self.admin.query_one(sql, &[&self.skus[place].uuid(), &self.merchant.uuid()]).await.unwrap();
        Counters { on_hand: row.get(0), reserved: row.get(1), safety: row.get(2), shortfall: row.get(3) }
    }

    /// Rows of everything that a command writes, and the sum of all change numbers: equal when nothing was written.
    pub async fn footprint(&self) -> (i64, i64) {
        let sql = "SELECT (SELECT count(*) FROM inventory.stock) + (SELECT count(*) FROM inventory.holds)
                + (SELECT count(*) FROM inventory.reservations) + (SELECT count(*) FROM inventory.movements)
                + (SELECT count(*) FROM inventory.reservation_expiries) + (SELECT count(*) FROM platform.idempotency),
            (SELECT coalesce(sum(seq), 0)::bigint FROM inventory.stock)
                + (SELECT count(*) FROM inventory.reservations WHERE state = 'HELD')";
        let row = self.admin.query_one(sql, &[]).await.unwrap();
        (row.get(0), row.get(1))
    }

    pub async fn count(&self, sql: &str) -> i64 {
        self.admin.query_one(sql, &[]).await.unwrap().get(0)
    }

    /// The invariants: reserved is the sum of the holds, counters are the sums of their movements, nothing is oversold, held
    /// reservations and no others wait for their expiry.
    pub async fn assert_sound(&self) {
        let broken = [
            "SELECT count(*) FROM inventory.stock s WHERE s.reserved <> (
                SELECT coalesce(sum(h.quantity), 0) FROM inventory.holds h
                WHERE h.sku_id = s.sku_id AND h.location = s.location AND h.merchant_id = s.merchant_id)",
            "SELECT count(*) FROM inventory.holds h WHERE NOT EXISTS (
                SELECT FROM inventory.stock s
                WHERE h.sku_id = s.sku_id AND h.location = s.location AND h.merchant_id = s.merchant_id)",
            "SELECT count(*) FROM inventory.stock s, LATERAL (
                SELECT coalesce(sum(m.on_hand_delta), 0) AS on_hand, coalesce(sum(m.reserved_delta), 0) AS reserved
                FROM inventory.movements m
                WHERE m.sku_id = s.sku_id AND m.location = s.location AND m.merchant_id = s.merchant_id) t
                WHERE (s.on_hand, s.reserved) IS DISTINCT FROM (t.on_hand, t.reserved)",
            "SELECT count(*) FROM inventory.stock s WHERE s.reserved > s.on_hand + s.shortfall
                OR s.shortfall <> greatest(0, s.reserved - s.on_hand)",
            "SELECT count(*) FROM inventory.reservations r
                FULL JOIN inventory.reservation_expiries e ON e.reservation_id = r.id AND e.merchant_id = r.merchant_id
                WHERE (e.reservation_id IS NOT NULL) IS DISTINCT FROM (r.state = 'HELD')",
            "SELECT count(*) FROM inventory.holds h
                JOIN inventory.reservations r ON r.id = h.owner_id AND r.merchant_id = h.merchant_id
                WHERE r.state <> 'HELD'",
        ];
        for sql in broken {
            assert_eq!(self.count(sql).await, 0, "{sql}");
        }
    }
}

pub fn done(verdict: &Verdict<Changed>) -> Changed {
    match verdict {
        Verdict::Done(changed) => changed.clone(),
        other => panic!("not done: {other:?}"),
    }
}

pub fn replayed(verdict: &Verdict<Changed>) -> Changed {
    match verdict {
        Verdict::Replayed(changed) => changed.clone(),
        other => panic!("not replayed: {other:?}"),
    }
}

pub fn refused(verdict: &Verdict<Changed>) -> Refusal {
    match verdict {
        Verdict::Refused(refusal) => refusal.clone(),
        other => panic!("not refused: {other:?}"),
    }
}

pub fn levels(changed: Changed) -> Vec<Level> {
    match changed {
        Changed::Levels(levels) => levels,
        other => panic!("no levels: {other:?}"),
    }
}

pub fn reservation(changed: Changed) -> (Reservation, bool) {
    match changed {
        Changed::Reservation { reservation, no_op } => (reservation, no_op),
        other => panic!("no reservation: {other:?}"),
    }
}
