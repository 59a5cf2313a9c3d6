//! Orders as payments see them, in a table of the test, so that they roll back with everything else.

use std::collections::HashMap;

use futures::FutureExt;
use futures::future::BoxFuture;
use kernel::refusal::ShortLine;
use kernel::{MerchantId, OrderId, Timestamp};
use payment::orders::{Orders, Pinned, Settled, Standing};
use platform::db::{DbError, LockClass, Locking, Tx};
use platform::sql::Sql;
use uuid::Uuid;

pub const TABLE: &str = "
    CREATE SCHEMA test_orders;
    CREATE TABLE test_orders.orders (
        id uuid PRIMARY KEY,
        merchant_id uuid NOT NULL,
        state text NOT NULL DEFAULT 'PENDING',
        short boolean NOT NULL DEFAULT false,
        pinned boolean NOT NULL DEFAULT false,
        captured bigint NOT NULL DEFAULT 0,
        settled bigint NOT NULL DEFAULT 0
    );
    GRANT USAGE ON SCHEMA test_orders TO purser_write;
    GRANT SELECT, UPDATE ON test_orders.orders TO purser_write;";

const LOCK: Sql = Sql {
    name: "test_lock_orders",
    text: "SELECT o.id, o.merchant_id, o.state FROM unnest($1::uuid[], $2::uuid[]) AS c (id, merchant_id)
           JOIN test_orders.orders o ON o.id = c.id AND o.merchant_id = c.merchant_id
           ORDER BY o.id FOR NO KEY UPDATE OF o",
};
const LOCK_FREE: Sql = Sql {
    name: "test_lock_orders SKIP LOCKED",
    text: "SELECT o.id, o.merchant_id, o.state FROM unnest($1::uuid[], $2::uuid[]) AS c (id, merchant_id)
           JOIN test_orders.orders o ON o.id = c.id AND o.merchant_id = c.merchant_id
           ORDER BY o.id FOR NO KEY UPDATE OF o SKIP LOCKED",
};
const PIN: Sql = Sql {
    name: "test_pin",
    text: "UPDATE test_orders.orders o SET pinned = NOT o.short FROM unnest($1::uuid[]) AS c (id)
           WHERE o.id = c.id RETURNING o.id, o.short",
};
const SETTLE: Sql = Sql {
    name: "test_settle",
    text: "UPDATE test_orders.orders o SET captured = o.captured + c.captured, settled = o.settled + 1, pinned = false,
               state = CASE WHEN c.captured > 0 AND o.state = 'PENDING' THEN 'CONFIRMED' ELSE o.state END
           FROM unnest($1::uuid[], $2::bigint[]) AS c (id, captured) WHERE o.id = c.id",
};

pub struct TestOrders;

impl Orders for TestOrders {
    fn lock<'a>(
        &'a self,
        tx: &'a Tx,
        orders: &'a [(MerchantId, OrderId)],
    ) -> BoxFuture<'a, Result<Vec<Standing>, DbError>> {
        async move {
            let ids: Vec<Uuid> = orders.iter().map(|(_, order)| order.uuid()).collect();
            let merchants: Vec<Uuid> = orders.iter().map(|(merchant, _)| merchant.uuid()).collect();
            let skips = tx.locking() == Locking::Skip;
            let sql = if skips { &LOCK_FREE } else { &LOCK };
            let rows = tx.lock(LockClass::Orders, sql, &[&ids, &merchants]).await?;
            let states: HashMap<(Uuid, Uuid), String> =
                rows.iter().map(|row| ((row.get("merchant_id"), row.get("id")), row.get("state"))).collect();
            let standing = |(merchant, order): &(MerchantId, OrderId)| match states
                .get(&(merchant.uuid(), order.uuid()))
                .map(String::as_str)
            {
                Some("PENDING") => Standing::Open,
                Some("CONFIRMED") => Standing::Closed { state: "CONFIRMED" },
                Some(_) => Standing::Closed { state: "CANCELLED" },
                None if skips => Standing::Busy,
                None => Standing::Missing,
            };
            Ok(orders.iter().map(standing).collect())
        }
        .boxed()
    }

    fn pin<'a>(
        &'a self,
        tx: &'a Tx,
        _now: Timestamp,
        orders: &'a [(MerchantId, OrderId)],
    ) -> BoxFuture<'a, Result<Vec<Pinned>, DbError>> {
        async move {
            let ids: Vec<Uuid> = orders.iter().map(|(_, order)| order.uuid()).collect();
            let rows = tx.lock(LockClass::Holds, &PIN, &[&ids]).await?;
            let short: HashMap<Uuid, bool> =
                rows.iter().map(|row| (row.get("id"), row.get("short"))).collect();
            let line = ShortLine {
                sku_id: "sku_1".to_owned(),
                sku_code: "MUG".to_owned(),
                location: "main".to_owned(),
                wanted: 2,
                available: 1,
            };
            let pinned = |(_, order): &(MerchantId, OrderId)| match short[&order.uuid()] {
                true => Pinned::Short(vec![line.clone()]),
                false => Pinned::Held,
            };
            Ok(orders.iter().map(pinned).collect())
        }
        .boxed()
    }

    fn settled<'a>(
        &'a self,
        tx: &'a Tx,
        _now: Timestamp,
        settled: &'a [Settled],
    ) -> BoxFuture<'a, Result<(), DbError>> {
        async move {
            let ids: Vec<Uuid> = settled.iter().map(|settled| settled.order_id.uuid()).collect();
            let captured: Vec<i64> = settled.iter().map(|settled| settled.captured).collect();
            tx.write(&SETTLE, &[&ids, &captured], settled.len()).await
        }
        .boxed()
    }

    fn statements(&self) -> Vec<&'static Sql> {
        vec![&LOCK, &LOCK_FREE, &PIN, &SETTLE]
    }
}
