//! The writes of the service, through the generated client.

use contract::purser::inventory::v1 as pb;
use inventory::grpc::{Deps, InventoryServer};
use kernel::PageTokens;
use pb::inventory_service_client::InventoryServiceClient;
use pb::inventory_service_server::InventoryServiceServer;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::{Channel, Server};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

use crate::support::{World, key, world};

pub async fn client(world: &World) -> InventoryServiceClient<Channel> {
    let deps = Deps { inventory: world.inventory.clone(), tokens: PageTokens::new(b"a test's secret") };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = InventoryServiceServer::new(InventoryServer::new(deps));
    tokio::spawn(
        Server::builder().add_service(service).serve_with_incoming(TcpListenerStream::new(listener)),
    );
    InventoryServiceClient::connect(format!("http://{address}")).await.unwrap()
}

pub fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

fn bad_fields(status: &Status) -> Vec<String> {
    let violations = status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();
    violations.into_iter().map(|violation| violation.field).collect()
}

fn receive(world: &World, place: usize, quantity: i64) -> pb::ReceiveStockRequest {
    pb::ReceiveStockRequest {
        merchant_id: world.merchant.to_string(),
        idempotency_key: key().text(),
        lines: vec![pb::ReceiveLine {
            sku_id: world.skus[place].to_string(),
            location: String::new(),
            quantity,
        }],
        reason: "delivery 7".to_owned(),
    }
}

fn reserve(world: &World, place: usize, quantity: i64) -> pb::CreateReservationRequest {
    pb::CreateReservationRequest {
        merchant_id: world.merchant.to_string(),
        idempotency_key: key().text(),
        lines: vec![pb::ReservationLine {
            sku_id: world.skus[place].to_string(),
            location: "main".into(),
            quantity,
        }],
        hold_duration: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stock_is_received_reserved_released_and_adjusted() {
    let world = world().await;
    let mut client = client(&world).await;
    let level = client.receive_stock(receive(&world, 0, 10)).await.unwrap().into_inner().levels.remove(0);
    assert_eq!((level.on_hand, level.available, level.location.as_str()), (10, 10, "main"));

    let made = client.create_reservation(reserve(&world, 0, 4)).await.unwrap().into_inner();
    let reservation = made.reservation.unwrap();
    assert_eq!((reservation.state(), reservation.lines[0].quantity), (pb::reservation::State::Held, 4));
    let held = reservation.expire_time.unwrap().seconds - reservation.create_time.unwrap().seconds;
    assert_eq!(held, 15 * 60);

    let adjust = pb::AdjustStockRequest {
        merchant_id: world.merchant.to_string(),
        idempotency_key: key().text(),
        sku_id: world.skus[0].to_string(),
        on_hand_delta: -2,
        safety: Some(3),
        reason: "broken".to_owned(),
        ..Default::default()
    };
    let level = client.adjust_stock(adjust).await.unwrap().into_inner().level.unwrap();
    assert_eq!((level.on_hand, level.reserved, level.safety, level.available), (8, 4, 3, 1));

    let release = pb::ReleaseReservationRequest {
        merchant_id: world.merchant.to_string(),
        idempotency_key: key().text(),
        reservation_id: reservation.reservation_id.clone(),
    };
    for (replayed, no_op) in [(false, false), (true, false)] {
        let ended = client.release_reservation(release.clone()).await.unwrap().into_inner();
        assert_eq!((ended.replayed, ended.no_op), (replayed, no_op));
        assert_eq!(ended.reservation.unwrap().state(), pb::reservation::State::Released);
    }
    let again = pb::ReleaseReservationRequest { idempotency_key: key().text(), ..release };
    for replayed in [false, true] {
        let ended = client.release_reservation(again.clone()).await.unwrap().into_inner();
        assert_eq!((ended.replayed, ended.no_op), (replayed, true));
    }
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_is_marked_and_answers_with_what_stands() {
    let world = world().await;
    let mut client = client(&world).await;
    let request = receive(&world, 0, 10);
    let first = client.receive_stock(request.clone()).await.unwrap();
    assert!(!first.get_ref().replayed && first.metadata().get("idempotency-replayed").is_none());
    let wish = reserve(&world, 0, 3);
    let made = client.create_reservation(wish.clone()).await.unwrap().into_inner();
    let again = client.create_reservation(wish).await.unwrap().into_inner();
    assert!(again.replayed);
    assert_eq!(again.reservation, made.reservation);

    let second = client.receive_stock(request.clone()).await.unwrap();
    assert_eq!(second.metadata().get("idempotency-replayed").unwrap(), "true");
    assert_eq!((second.get_ref().replayed, second.get_ref().levels[0].available), (true, 7));
    let other = pb::ReceiveStockRequest { reason: "another".to_owned(), ..request };
    let status = client.receive_stock(other).await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::FailedPrecondition, "IDEMPOTENCY_KEY_REUSED")
    );
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_field_is_named_in_one_answer_and_nothing_is_written() {
    let world = world().await;
    let mut client = client(&world).await;
    let line = |sku_id: &str, location: &str, quantity| pb::ReceiveLine {
        sku_id: sku_id.to_owned(),
        location: location.to_owned(),
        quantity,
    };
    let sku = world.skus[0].to_string();
    let request = pb::ReceiveStockRequest {
        merchant_id: sku.clone(),
        idempotency_key: "short".to_owned(),
        lines: vec![line("", "Main", 0), line(&sku, "", 1), line(&sku, "main", 1_000_000_001)],
        reason: "a\0b".to_owned(),
    };
    let status = client.receive_stock(request).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::InvalidArgument, "VALIDATION_FAILED"));
    let expected = [
        "merchant_id",
        "idempotency_key",
        "reason",
        "lines[0].sku_id",
        "lines[0].location",
        "lines[0].quantity",
        "lines[2].quantity",
        "lines[2].sku_id",
    ];
    assert_eq!(bad_fields(&status), expected);

    let status = client.adjust_stock(pb::AdjustStockRequest::default()).await.unwrap_err();
    assert_eq!(bad_fields(&status), ["idempotency_key", "merchant_id", "sku_id", "reason", "on_hand_delta"]);
    let hold_duration = Some(prost_types::Duration { seconds: 24 * 60 * 60 + 1, nanos: 0 });
    let request = pb::CreateReservationRequest { hold_duration, ..reserve(&world, 0, 1_000_001) };
    let status = client.create_reservation(request).await.unwrap_err();
    assert_eq!(bad_fields(&status), ["lines[0].quantity", "hold_duration"]);
    let request = pb::ReceiveStockRequest { idempotency_key: String::new(), ..receive(&world, 0, 1) };
    assert_eq!(reason(&client.receive_stock(request).await.unwrap_err()), "IDEMPOTENCY_KEY_REQUIRED");
    let mut request = Request::new(receive(&world, 0, 1));
    request.metadata_mut().insert("purser-actor", "nobody".parse().unwrap());
    assert_eq!(bad_fields(&client.receive_stock(request).await.unwrap_err()), ["purser-actor"]);
    assert_eq!(world.footprint().await, (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_or_short_is_told_by_its_code_and_reason() {
    let world = world().await;
    let mut client = client(&world).await;
    client.receive_stock(receive(&world, 0, 2)).await.unwrap();
    let status = client.create_reservation(reserve(&world, 0, 3)).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::FailedPrecondition, "INSUFFICIENT_STOCK"));

    let mut unknown = receive(&world, 0, 1);
    unknown.lines[0].sku_id = kernel::SkuId::mint(world.clock.wall()).to_string();
    let status = client.receive_stock(unknown).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::FailedPrecondition, "SKU_NOT_FOUND"));

    let release = pb::ReleaseReservationRequest {
        merchant_id: world.merchant.to_string(),
        idempotency_key: key().text(),
        reservation_id: kernel::id::ReservationId::mint(world.clock.wall()).to_string(),
    };
    let status = client.release_reservation(release).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::NotFound, "RESERVATION_NOT_FOUND"));
}
