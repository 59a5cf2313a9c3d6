//! What is set up, and looked at, behind the system's back.

use kernel::{MerchantId, OrderId, SkuId};
use uuid::Uuid;

use super::World;

/// A stock row, as it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stock {
    pub on_hand: i64,
    pub reserved: i64,
}

impl World {
    pub async fn new_merchant(&self) -> MerchantId {
        let id = MerchantId::mint(self.clock.wall());
        let sql = "INSERT INTO catalog.merchants (id, code_key, created_time) VALUES ($1, $2, now())";
        self.admin.execute(sql, &[&id.uuid(), &id.uuid().simple().to_string()]).await.unwrap();
        id
    }

    pub async fn sku(&self, merchant: MerchantId, tracks_stock: bool, price: Option<i64>) -> SkuId {
        let id = SkuId::mint(self.clock.wall());
        let code = format!("code-{}", id.uuid().simple());
        let sql =
            "INSERT INTO catalog.skus (id, merchant_id, code_key, created_time) VALUES ($1, $2, $3, now())";
        self.admin.execute(sql, &[&id.uuid(), &merchant.uuid(), &code]).await.unwrap();
        let sql = "INSERT INTO catalog.sku_details (sku_id, merchant_id, code, display_name, tracks_stock, active, updated_time)
            VALUES ($1, $2, $3, 'a thing', $4, true, now())";
        self.admin.execute(sql, &[&id.uuid(), &merchant.uuid(), &code, &tracks_stock]).await.unwrap();
        if let Some(price) = price {
            let sql = "INSERT INTO catalog.prices (merchant_id, sku_id, currency, start_time, unit_price)
                VALUES ($1, $2, 'GBP', now() - interval '1 hour', $3)";
            self.admin.execute(sql, &[&merchant.uuid(), &id.uuid(), &price]).await.unwrap();
        }
        id
    }

    /// Units arrive at the main location.
    pub async fn receive(&self, place: usize, units: i64) {
        self.receive_for(self.merchant, self.skus[place], units).await;
    }

    pub async fn receive_for(&self, merchant: MerchantId, sku: SkuId, units: i64) {
        let sql = "WITH stock AS (
                INSERT INTO inventory.stock AS s (sku_id, location, merchant_id, on_hand, reserved, updated_time)
                VALUES ($1, 'main', $2, $3, 0, now())
                ON CONFLICT ON CONSTRAINT stock_pk DO UPDATE SET on_hand = s.on_hand + $3, seq = s.seq + 1
                RETURNING s.on_hand, s.reserved)
            INSERT INTO inventory.movements (id, merchant_id, sku_id, location, kind, on_hand_delta, reserved_delta,
                on_hand_after, reserved_after, actor, created_time)
            SELECT $4, $2, $1, 'main', 'RECEIVED', $3, 0, on_hand, reserved, 'operator:tester', now() FROM stock";
        let movement = kernel::id::MovementId::mint(self.clock.wall()).uuid();
        let params: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
            [&sku.uuid(), &merchant.uuid(), &units, &movement];
        self.admin.execute(sql, &params).await.unwrap();
    }

    /// Units turn out to be gone, though they were promised: what a forced adjustment records.
    pub async fn lose(&self, place: usize, units: i64) {
        let sql = "WITH stock AS (
                UPDATE inventory.stock SET on_hand = on_hand - $3, seq = seq + 1,
                    shortfall = greatest(0, reserved - (on_hand - $3))
                WHERE sku_id = $1 AND merchant_id = $2 RETURNING on_hand, reserved)
            INSERT INTO inventory.movements (id, merchant_id, sku_id, location, kind, on_hand_delta, reserved_delta,
                on_hand_after, reserved_after, reason, actor, created_time)
            SELECT $4, $2, $1, 'main', 'ADJUSTED', -$3::bigint, 0, on_hand, reserved, 'broken', 'operator:tester', now()
            FROM stock";
        let movement = kernel::id::MovementId::mint(self.clock.wall()).uuid();
        let params: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
            [&self.skus[place].uuid(), &self.merchant.uuid(), &units, &movement];
        self.admin.execute(sql, &params).await.unwrap();
    }

    pub async fn stock(&self, place: usize) -> Stock {
        let sql = "SELECT on_hand, reserved FROM inventory.stock WHERE sku_id = $1";
        let row = self.admin.query_one(sql, &[&self.skus[place].uuid()]).await.unwrap();
        Stock { on_hand: row.get(0), reserved: row.get(1) }
    }

    /// Money of the order is on its way, and nobody knows its outcome.
    pub async fn put_money_in_flight(&self, order: OrderId) {
        let sql = "INSERT INTO payments.in_flight
                (operation_id, merchant_id, payment_id, order_id, lease_token, lease_until, next_check_at, created_time)
            SELECT gen_random_uuid(), merchant_id, id, order_id, gen_random_uuid(), now(), now(), now()
            FROM payments.payments WHERE order_id = $1";
        assert_eq!(self.admin.execute(sql, &[&order.uuid()]).await.unwrap(), 1);
    }

    pub async fn clear_money_in_flight(&self) {
        self.admin.execute("DELETE FROM payments.in_flight", &[]).await.unwrap();
    }

    pub async fn state(&self, order: OrderId) -> String {
        let sql = "SELECT state FROM orders.orders WHERE id = $1";
        self.admin.query_one(sql, &[&order.uuid()]).await.unwrap().get(0)
    }

    /// Numbers and states of an order's history, and of its events.
    pub async fn history(&self, order: OrderId) -> (Vec<(i32, String)>, Vec<(i32, String)>) {
        let id: Uuid = order.uuid();
        let history = "SELECT seq, to_state FROM orders.history WHERE order_id = $1 ORDER BY seq";
        let events = "SELECT seq, type FROM platform.events WHERE subject_id = $1 ORDER BY seq";
        let rows = self.admin.query(history, &[&id]).await.unwrap();
        let told = self.admin.query(events, &[&id]).await.unwrap();
        let pair = |row: &tokio_postgres::Row| (row.get(0), row.get(1));
        (rows.iter().map(pair).collect(), told.iter().map(pair).collect())
    }

    /// Rows of everything that the context writes, and the sum of all change numbers: equal when nothing was written.
    pub async fn footprint(&self) -> (i64, i64) {
        let tables = [
            "orders.orders",
            "orders.lines",
            "orders.addresses",
            "orders.history",
            "orders.shipments",
            "orders.shipment_lines",
            "orders.fulfilment_queue",
            "orders.expiry_queue",
            "orders.client_references",
            "orders.tracking_numbers",
            "platform.idempotency",
            "platform.events",
            "inventory.stock",
            "inventory.holds",
            "inventory.movements",
            "payments.payments",
        ];
        let counts = tables.map(|table| format!("(SELECT count(*) FROM {table})")).join(" + ");
        let sums = "(SELECT coalesce(sum(seq), 0)::bigint FROM orders.orders)
            + (SELECT coalesce(sum(seq), 0)::bigint FROM inventory.stock)
            + (SELECT coalesce(sum(seq), 0)::bigint FROM payments.payments)
            + (SELECT coalesce(sum(quantity), 0)::bigint FROM inventory.holds)";
        let row = self.admin.query_one(&format!("SELECT {counts}, {sums}"), &[]).await.unwrap();
        (row.get(0), row.get(1))
    }
}

impl World {
    /// Many old orders of one line each, oldest first, a millisecond apart, placed behind the system's back; those to be
    /// fulfilled are queued.
    pub async fn grow(&self, orders: i32, state: &str, customer: &str) {
        let sql = "WITH o AS (
                INSERT INTO orders.orders (id, merchant_id, customer_id, client_reference, state, currency, subtotal, discount,
                    tax, shipping, total, line_count, unit_count, seq, ordered_time, created_time, updated_time)
                SELECT overlay(platform.first_id(now() - make_interval(secs => ($2 - n) / 1000.0))::text
                        PLACING left(md5(random()::text), 12) FROM 25)::uuid,
                    $1, $5, '', $4, 'GBP', 1000, 0, 0, 0, 1000, 1, 1, 5, now(), now(), now()
                FROM generate_series(1, $2) n
                RETURNING id)
            , l AS (
                INSERT INTO orders.lines (order_id, line_no, merchant_id, sku_id, sku_code, display_name, quantity, unit_price,
                    line_total, location)
                SELECT id, 1, $1, $3, 'code', 'a thing', 1, 1000, 1000, 'main' FROM o)
            INSERT INTO orders.fulfilment_queue (merchant_id, order_id)
            SELECT $1, id FROM o WHERE $4 IN ('CONFIRMED', 'PROCESSING')";
        let params: [&(dyn tokio_postgres::types::ToSql + Sync); 5] =
            [&self.merchant.uuid(), &orders, &self.skus[0].uuid(), &state, &customer];
        self.admin.execute(sql, &params).await.unwrap();
    }
}
