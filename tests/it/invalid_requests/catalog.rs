//! Requests of the catalogue.

use contract::purser::catalog::v1::*;
use contract::purser::common::v1::Money;
use prost_types::Timestamp;

use super::{Case, case, long};

pub fn cases() -> Vec<Case> {
    let price = Some(Money { currency_code: "gbp".into(), minor_units: -1 });
    let bad = SkuUpsert {
        product_id: "prd_1".into(),
        display_name: long(201),
        unit_price: price.clone(),
        ..Default::default()
    };
    let twice =
        |code: &str| SkuUpsert { sku_code: code.into(), display_name: "A".into(), ..Default::default() };
    let skus = vec![bad, twice("same"), twice("SAME")];
    let (sku_ids, page_size) = (vec!["ord_1".to_owned(), String::new()], -1);
    vec![
        case(
            "CatalogService/CreateMerchant",
            CreateMerchantRequest { code: "A shop".into(), ..Default::default() },
            &["idempotency_key", "code", "display_name"],
        ),
        case(
            "CatalogService/CreateProduct",
            CreateProductRequest::default(),
            &["merchant_id", "idempotency_key", "display_name"],
        ),
        case(
            "CatalogService/UpsertSkus",
            UpsertSkusRequest { skus, ..Default::default() },
            &[
                "merchant_id",
                "idempotency_key",
                "skus[0].sku_code",
                "skus[0].product_id",
                "skus[0].display_name",
                "skus[0].unit_price.currency_code",
                "skus[0].unit_price.minor_units",
                "skus[2].sku_code",
            ],
        ),
        case("CatalogService/GetSku", GetSkuRequest::default(), &["merchant_id", "sku_id"]),
        case(
            "CatalogService/BatchGetSkus",
            BatchGetSkusRequest { merchant_id: "mer_1".into(), sku_ids },
            &["merchant_id", "sku_ids[0]", "sku_ids[1]"],
        ),
        case(
            "CatalogService/ListSkus",
            ListSkusRequest { page_size, ..Default::default() },
            &["merchant_id", "page_size"],
        ),
        case(
            "CatalogService/SetPrice",
            SetPriceRequest {
                unit_price: price,
                start_time: Some(Timestamp { seconds: 1, nanos: 0 }),
                ..Default::default()
            },
            &[
                "merchant_id",
                "idempotency_key",
                "sku_id",
                "unit_price.currency_code",
                "unit_price.minor_units",
                "start_time",
            ],
        ),
        case(
            "CatalogService/ListPrices",
            ListPricesRequest { page_size, ..Default::default() },
            &["merchant_id", "sku_id", "page_size"],
        ),
    ]
}
