//! Requests of the inventory.

use contract::purser::inventory::v1::*;
use prost_types::Duration;

use super::{Case, case, long};

pub fn cases() -> Vec<Case> {
    let (location, page_size) = ("Main street".to_owned(), -1);
    let received = ReceiveLine { location: location.clone(), ..Default::default() };
    let wanted = ReservationLine { location: location.clone(), quantity: 1_000_001, ..Default::default() };
    vec![
        case("InventoryService/GetStock", GetStockRequest::default(), &["merchant_id", "sku_id"]),
        case(
            "InventoryService/BatchGetStock",
            BatchGetStockRequest { sku_ids: vec!["x".into(), "x".into()], ..Default::default() },
            &["merchant_id", "sku_ids[0]", "sku_ids[1]"],
        ),
        case(
            "InventoryService/ListStock",
            ListStockRequest { location: location.clone(), page_size, ..Default::default() },
            &["merchant_id", "location", "page_size"],
        ),
        case(
            "InventoryService/ReceiveStock",
            ReceiveStockRequest { lines: vec![received], reason: long(201), ..Default::default() },
            &[
                "merchant_id",
                "idempotency_key",
                "lines[0].sku_id",
                "lines[0].location",
                "lines[0].quantity",
                "reason",
            ],
        ),
        case(
            "InventoryService/AdjustStock",
            AdjustStockRequest { location, on_hand_delta: i64::MIN, safety: Some(-1), ..Default::default() },
            &["merchant_id", "idempotency_key", "sku_id", "location", "on_hand_delta", "safety", "reason"],
        ),
        case(
            "InventoryService/CreateReservation",
            CreateReservationRequest {
                lines: vec![wanted],
                hold_duration: Some(Duration { seconds: 86_401, nanos: 0 }),
                ..Default::default()
            },
            &[
                "merchant_id",
                "idempotency_key",
                "lines[0].sku_id",
                "lines[0].location",
                "lines[0].quantity",
                "hold_duration",
            ],
        ),
        case(
            "InventoryService/ReleaseReservation",
            ReleaseReservationRequest::default(),
            &["merchant_id", "idempotency_key", "reservation_id"],
        ),
        case(
            "InventoryService/GetReservation",
            GetReservationRequest::default(),
            &["merchant_id", "reservation_id"],
        ),
        case(
            "InventoryService/ListMovements",
            ListMovementsRequest { page_size, ..Default::default() },
            &["merchant_id", "sku_id", "page_size"],
        ),
    ]
}
