//! SIGTERM: what was acknowledged stays, and the end comes in bounded time, whoever is still connected.

use std::sync::Arc;
use std::time::{Duration, Instant};

use contract::purser::order::v1::GetOrderRequest;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::support::database::number;
use crate::support::shop::Shop;
use crate::support::world::World;

const GRACE: Duration = Duration::from_secs(10);
const CALLERS: u32 = 16;

#[tokio::test]
async fn under_load_with_silent_and_watching_clients_it_ends_in_time_and_loses_no_acknowledged_order() {
    let world = World::new().await;
    let (mut serving, witness) = futures::join!(world.serve(), world.serve());
    let shop = Arc::new(Shop::open(&serving).await);
    let sku = shop.stock(&serving, "MUG", 995, 1_000_000).await;

    let acknowledged = Arc::new(Semaphore::new(0));
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (mut client, shop, sku) = (serving.orders(), Arc::clone(&shop), sku.clone());
            let acknowledged = Arc::clone(&acknowledged);
            tokio::spawn(async move {
                let mut orders = Vec::new();
                // Until the process does not answer any more.
                while let Ok(answer) = client.place_order(shop.basket(&[&sku])).await {
                    orders.push(answer.into_inner().order.unwrap().order_id);
                    acknowledged.add_permits(1);
                }
                orders
            })
        })
        .collect();
    let silent = TcpStream::connect(&serving.grpc).await.unwrap();
    let mut health = HealthClient::new(serving.channel());
    let mut watch = health.watch(HealthCheckRequest::default()).await.unwrap().into_inner();
    assert!(watch.message().await.unwrap().is_some());
    let warm = tokio::time::timeout(Duration::from_secs(60), acknowledged.acquire_many(100)).await;
    warm.expect("orders are placed").unwrap().forget();

    let began = Instant::now();
    serving.terminate();
    let status = serving.ended().await;
    assert_eq!(status.code(), Some(0), "{}", serving.log());
    assert!(began.elapsed() < GRACE, "took {:?}", began.elapsed());
    drop((silent, watch));

    let mut orders = Vec::new();
    for caller in callers {
        orders.extend(caller.await.unwrap());
    }
    assert!(orders.len() >= 100);
    for order_id in &orders {
        let request = GetOrderRequest { merchant_id: shop.merchant_id.clone(), order_id: order_id.clone() };
        witness.orders().get_order(request).await.unwrap();
    }
    // At most the call of each caller that got no answer stands beside them.
    let client = world.database.client().await;
    let standing = number(&client, "SELECT count(*) FROM orders.orders").await;
    let acknowledged = i64::try_from(orders.len()).unwrap();
    assert!(
        (acknowledged..=acknowledged + i64::from(CALLERS)).contains(&standing),
        "{acknowledged}, {standing} stand"
    );
    drop(client);
    witness.stop().await;
    world.adds_up().await;
}
