//! The reads of the service, through the generated client.

use std::time::Duration;

use contract::purser::inventory::v1 as pb;
use tonic::Code;

use crate::service::{client, reason};
use crate::support::{World, reservation, world};

fn get_stock(world: &World, sku: kernel::SkuId) -> pb::GetStockRequest {
    pb::GetStockRequest { merchant_id: world.merchant.to_string(), sku_id: sku.to_string() }
}

#[tokio::test(flavor = "multi_thread")]
async fn stock_of_a_sku_is_read_at_all_locations_and_an_unknown_one_is_not_found() {
    let world = world().await;
    let mut client = client(&world).await;
    for location in ["west", "main", "east"] {
        let mut command = world.receive(&[(0, 5)]);
        if let inventory::commands::StockCommand::Receive(receive) = &mut command {
            receive.lines[0].location = location.into();
        }
        world.done(command).await;
    }
    let levels = client.get_stock(get_stock(&world, world.skus[0])).await.unwrap().into_inner().levels;
    assert_eq!(
        levels.iter().map(|level| level.location.as_str()).collect::<Vec<_>>(),
        ["east", "main", "west"]
    );
    let none = client.get_stock(get_stock(&world, world.skus[1])).await.unwrap().into_inner();
    assert!(none.levels.is_empty(), "a SKU that exists and has no stock");
    let nowhere = kernel::SkuId::mint(world.clock.wall());
    let status = client.get_stock(get_stock(&world, nowhere)).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::NotFound, "SKU_NOT_FOUND"));
    let other = world.new_merchant().await;
    let theirs = pb::GetStockRequest { merchant_id: other.to_string(), ..get_stock(&world, world.skus[0]) };
    assert_eq!(client.get_stock(theirs).await.unwrap_err().code(), Code::NotFound);

    let batch = pb::BatchGetStockRequest {
        merchant_id: world.merchant.to_string(),
        sku_ids: vec![nowhere.to_string(), world.skus[0].to_string()],
    };
    assert_eq!(client.batch_get_stock(batch).await.unwrap().into_inner().levels.len(), 3);
    let bad =
        pb::BatchGetStockRequest { merchant_id: world.merchant.to_string(), sku_ids: vec!["x".into(); 501] };
    assert_eq!(client.batch_get_stock(bad).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_stock_hold_every_row_once_and_foreign_tokens_are_refused() {
    let world = world().await;
    let mut client = client(&world).await;
    world.done(world.receive(&[(0, 1), (1, 2), (2, 3)])).await;
    let mut west = world.receive(&[(1, 9)]);
    if let inventory::commands::StockCommand::Receive(receive) = &mut west {
        receive.lines[0].location = "west".into();
    }
    world.done(west).await;
    let mut request =
        pb::ListStockRequest { merchant_id: world.merchant.to_string(), page_size: 1, ..Default::default() };
    let mut seen = Vec::new();
    loop {
        let page = client.list_stock(request.clone()).await.unwrap().into_inner();
        assert_eq!(page.levels.len(), 1);
        seen.extend(page.levels.into_iter().map(|level| (level.sku_id, level.location)));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    let expected = [(0, "main"), (1, "main"), (1, "west"), (2, "main")]
        .map(|(place, location)| (world.skus[place].to_string(), location.to_owned()));
    assert_eq!(seen, expected);
    let only_west = pb::ListStockRequest {
        merchant_id: world.merchant.to_string(),
        location: "west".into(),
        ..Default::default()
    };
    assert_eq!(client.list_stock(only_west.clone()).await.unwrap().into_inner().levels[0].on_hand, 9);
    let foreign = pb::ListStockRequest { page_token: request.page_token, ..only_west };
    assert_eq!(reason(&client.list_stock(foreign).await.unwrap_err()), "PAGE_TOKEN_INVALID");
}

#[tokio::test(flavor = "multi_thread")]
async fn movements_are_listed_newest_first_and_tell_the_counters_afterwards() {
    let world = world().await;
    let mut client = client(&world).await;
    world.done(world.receive(&[(0, 10), (1, 1)])).await;
    let held = world.reserved(&[(0, 4)]).await;
    // One batch: its movements read in the order in which they were folded.
    let batch =
        vec![world.release(held.reservation_id), world.adjust(0, -1, false), world.receive(&[(0, 2)])];
    world.batch(batch).await.unwrap();
    let mut request = pb::ListMovementsRequest {
        merchant_id: world.merchant.to_string(),
        sku_id: world.skus[0].to_string(),
        page_size: 2,
        ..Default::default()
    };
    let mut seen = Vec::new();
    loop {
        let page = client.list_movements(request.clone()).await.unwrap().into_inner();
        seen.extend(page.movements);
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    let told: Vec<_> = seen.iter().map(|m| (m.kind(), m.on_hand_after, m.reserved_after)).collect();
    use pb::movement::Kind;
    let expected = [
        (Kind::Received, 11, 0),
        (Kind::Adjusted, 9, 0),
        (Kind::Released, 10, 0),
        (Kind::Reserved, 10, 4),
        (Kind::Received, 10, 0),
    ];
    assert_eq!(told, expected);
    assert_eq!(seen[3].owner_id, held.reservation_id.to_string());
    assert_eq!((seen[1].reason.as_str(), seen[1].actor.as_str()), ("count", "operator:tester"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reservation_past_its_time_reads_as_expired_before_any_worker_was_there() {
    let world = world().await;
    let mut client = client(&world).await;
    world.done(world.receive(&[(0, 10)])).await;
    let command = world.reserve_for(Duration::from_secs(60), &[(0, 4)]);
    let (held, _) = reservation(world.done(command).await);
    let request = pb::GetReservationRequest {
        merchant_id: world.merchant.to_string(),
        reservation_id: held.reservation_id.to_string(),
    };
    let read = client.get_reservation(request.clone()).await.unwrap().into_inner().reservation.unwrap();
    assert_eq!((read.state(), read.lines[0].quantity), (pb::reservation::State::Held, 4));
    world.clock.advance(time::Duration::minutes(1));
    let read = client.get_reservation(request.clone()).await.unwrap().into_inner().reservation.unwrap();
    assert_eq!(read.state(), pb::reservation::State::Expired);
    let other = world.new_merchant().await;
    let theirs = pb::GetReservationRequest { merchant_id: other.to_string(), ..request };
    let status = client.get_reservation(theirs).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::NotFound, "RESERVATION_NOT_FOUND"));
}
