//! Orders and payments as two processes: orders reach payments by the generated client.

use contract::purser::order::v1::order::State;
use contract::purser::order::v1::{GetOrderRequest, PlaceOrderResponse};
use provider_sim::{Delay, Fault, Gate};
use testkit::{eventually, free_port};

use crate::support::database::leases_run_out;
use crate::support::process::{PATIENCE, Serving};
use crate::support::shop::{CARD, Shop};
use crate::support::world::World;

struct Apart {
    world: World,
    orders: Serving,
    payments: Serving,
    payments_address: String,
}

impl Apart {
    async fn start() -> Self {
        let world = World::new().await;
        let payments_address = format!("127.0.0.1:{}", free_port());
        let payments_url = format!("http://{payments_address}");
        let arguments = ["--services", "order,catalog,inventory", "--payment-url", &payments_url];
        let (payments, orders) =
            futures::join!(start_payments(&world, &payments_address), world.serve_with(&arguments));
        Self { world, orders, payments, payments_address }
    }
}

async fn start_payments(world: &World, address: &str) -> Serving {
    let provider = ["--services", "payment", "--provider-url", &world.provider.url];
    world.serve_with(&[&provider[..], &["--listen", address]].concat()).await
}

fn state(answer: &PlaceOrderResponse) -> State {
    answer.order.as_ref().unwrap().state()
}

#[tokio::test]
async fn an_order_is_paid_or_declined_across_processes() {
    let apart = Apart::start().await;
    let shop = Shop::open(&apart.orders).await;
    let sku = shop.stock(&apart.orders, "MUG", 1_250, 10).await;

    let paid = apart.orders.orders().place_order(shop.paid_basket(&[&sku], CARD)).await.unwrap().into_inner();
    assert_eq!((state(&paid), &paid.payment_failure), (State::Confirmed, &None));
    assert_eq!(paid.order.unwrap().captured.unwrap().minor_units, 1_250);

    let declined = shop.paid_basket(&[&sku], "pm_card_chargeDeclined");
    let declined = apart.orders.orders().place_order(declined).await.unwrap().into_inner();
    assert_eq!(state(&declined), State::Pending);
    assert_eq!(declined.payment_failure.unwrap().reason, "PAYMENT_DECLINED");
    assert_eq!(apart.world.provider.sim.charges().len(), 1);
    futures::join!(apart.orders.stop(), apart.payments.stop());
    apart.world.adds_up().await;
}

#[tokio::test]
async fn a_payment_process_killed_during_a_capture_charges_once() {
    let apart = Apart::start().await;
    let shop = Shop::open(&apart.orders).await;
    let sku = shop.stock(&apart.orders, "MUG", 1_250, 10).await;

    // The money moves, and the process dies before it hears so.
    let gate = Gate::default();
    apart.world.provider.sim.faults().push(Fault::DelayReply(Delay::UntilReleased(gate.clone())));
    let request = shop.paid_basket(&[&sku], CARD);
    let (mut client, asked) = (apart.orders.orders(), request.clone());
    let placing = tokio::spawn(async move { client.place_order(asked).await });
    tokio::time::timeout(PATIENCE, gate.reached()).await.unwrap();
    apart.payments.kill().await;
    let answer = placing.await.unwrap().unwrap().into_inner();
    assert_eq!(state(&answer), State::Pending);
    assert_eq!(answer.payment_failure.unwrap().reason, "PAYMENT_OUTCOME_UNKNOWN");
    gate.release();

    assert_eq!(leases_run_out(&apart.world.database.client().await).await, 1);

    let payments = start_payments(&apart.world, &apart.payments_address).await;
    let again = eventually(PATIENCE, async || {
        let answer = apart.orders.orders().place_order(request.clone()).await.ok()?.into_inner();
        (state(&answer) == State::Confirmed).then_some(answer)
    })
    .await;
    assert!(again.replayed);
    let order_id = again.order.unwrap().order_id;
    assert_eq!(order_id, answer.order.unwrap().order_id);
    let charges = apart.world.provider.sim.charges();
    assert_eq!(charges.iter().map(|charge| charge.amount).collect::<Vec<_>>(), [1_250]);
    let get = GetOrderRequest { merchant_id: shop.merchant_id.clone(), order_id };
    let order = apart.orders.orders().get_order(get).await.unwrap().into_inner().order.unwrap();
    assert_eq!(order.captured.unwrap().minor_units, 1_250);
    futures::join!(apart.orders.stop(), payments.stop());
    apart.world.adds_up().await;
}
