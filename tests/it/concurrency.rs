//! Many callers at once, spread over two processes on one database.

use contract::purser::inventory::v1::GetStockRequest;
use contract::purser::order::v1::{PlaceOrderRequest, PlaceOrderResponse};
use futures::future::join_all;
use testkit::eventually;
use tonic::{Code, Status};

use crate::support::database::number;
use crate::support::process::{PATIENCE, Serving};
use crate::support::shop::Shop;
use crate::support::status::{reason, shortage};
use crate::support::world::World;

struct Pair {
    world: World,
    first: Serving,
    second: Serving,
    shop: Shop,
}

impl Pair {
    async fn start() -> Self {
        let world = World::new().await;
        let (first, second) = futures::join!(world.serve(), world.serve());
        let shop = Shop::open(&first).await;
        Self { world, first, second, shop }
    }

    /// Sends all of them at once, every other one to the other process.
    async fn place(&self, requests: Vec<PlaceOrderRequest>) -> Vec<Result<PlaceOrderResponse, Status>> {
        let calls = requests.into_iter().enumerate().map(|(at, request)| {
            let mut client = if at % 2 == 0 { self.first.orders() } else { self.second.orders() };
            async move { client.place_order(request).await.map(tonic::Response::into_inner) }
        });
        join_all(calls).await
    }

    /// Ends both processes: no connection is left, everything adds up, and Postgres never had to break a deadlock.
    async fn ends_well(self) {
        futures::join!(self.first.stop(), self.second.stop());
        let client = self.world.database.client().await;
        // A backend reports its deadlocks at its end, at the latest.
        let others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
                      AND backend_type = 'client backend'";
        eventually(PATIENCE, async || (number(&client, others).await == 0).then_some(())).await;
        let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        assert_eq!(number(&client, deadlocks).await, 0);
        self.world.adds_up().await;
    }
}

#[tokio::test]
async fn one_unit_and_a_hundred_buyers_make_one_order_and_99_refusals_that_name_the_sku() {
    let pair = Pair::start().await;
    let sku = pair.shop.stock(&pair.first, "LAST-ONE", 995, 1).await;
    let answers = pair.place((0..100).map(|_| pair.shop.basket(&[&sku])).collect()).await;
    let (placed, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!((placed.len(), refused.len()), (1, 99));
    for status in refused.into_iter().map(Result::unwrap_err) {
        assert_eq!(
            (status.code(), reason(&status).as_str()),
            (Code::FailedPrecondition, "INSUFFICIENT_STOCK")
        );
        let short = shortage(&status).lines;
        assert_eq!(short.len(), 1);
        assert_eq!((short[0].sku_id.as_str(), short[0].sku_code.as_str()), (sku.as_str(), "LAST-ONE"));
        assert_eq!((short[0].wanted, short[0].available, short[0].location.as_str()), (1, 0, "main"));
    }
    pair.ends_well().await;
}

#[tokio::test]
async fn two_hundred_baskets_over_the_same_two_skus_in_opposite_order_are_all_placed() {
    let pair = Pair::start().await;
    let one = pair.shop.stock(&pair.first, "ONE", 100, 200).await;
    let two = pair.shop.stock(&pair.first, "TWO", 250, 200).await;
    // Each process gets baskets of both kinds.
    let basket = |at: usize| pair.shop.basket(&if at % 4 < 2 { [&*one, &*two] } else { [&*two, &*one] });
    let answers = pair.place((0..200).map(basket).collect()).await;
    for answer in answers {
        assert_eq!(answer.unwrap().order.unwrap().total.unwrap().minor_units, 350);
    }
    for sku_id in [one, two] {
        let request = GetStockRequest { merchant_id: pair.shop.merchant_id.clone(), sku_id };
        let levels = pair.second.inventory().get_stock(request).await.unwrap().into_inner().levels;
        assert_eq!((levels[0].on_hand, levels[0].reserved, levels[0].available), (200, 200, 0));
    }
    pair.ends_well().await;
}

#[tokio::test]
async fn one_key_sent_fifty_times_is_one_order_and_fifty_equal_answers() {
    let pair = Pair::start().await;
    let sku = pair.shop.stock(&pair.first, "MUG", 995, 1_000).await;
    let request = pair.shop.basket(&[&sku]);
    let answers = pair.place(vec![request.clone(); 50]).await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|answer| answer.replayed).count(), 49);
    let plain = |answer: &PlaceOrderResponse| PlaceOrderResponse { replayed: false, ..answer.clone() };
    for answer in &answers {
        assert_eq!(plain(answer), plain(&answers[0]));
    }

    let mut other = request;
    other.lines[0].quantity = 2;
    for refused in pair.place(vec![other; 4]).await {
        let status = refused.unwrap_err();
        assert_eq!(
            (status.code(), reason(&status).as_str()),
            (Code::FailedPrecondition, "IDEMPOTENCY_KEY_REUSED")
        );
    }
    let client = pair.world.database.client().await;
    assert_eq!(number(&client, "SELECT count(*) FROM orders.orders").await, 1);
    drop(client);
    pair.ends_well().await;
}
