//! A merchant with something to sell, and requests to buy it.

use contract::purser::catalog::v1::{CreateMerchantRequest, SkuUpsert, UpsertSkusRequest};
use contract::purser::common::v1::Money;
use contract::purser::inventory::v1::{ReceiveLine, ReceiveStockRequest};
use contract::purser::order::v1::{PlaceOrderLine, PlaceOrderPayment, PlaceOrderRequest};

use super::process::Serving;

pub const CARD: &str = "pm_card_visa";

/// A fresh idempotency key.
pub fn key() -> String {
    uuid::Uuid::now_v7().to_string()
}

pub fn pence(minor_units: i64) -> Money {
    Money { currency_code: "GBP".into(), minor_units }
}

pub struct Shop {
    pub merchant_id: String,
}

impl Shop {
    pub async fn open(at: &Serving) -> Self {
        let code = format!("shop-{}", &uuid::Uuid::new_v4().simple().to_string()[..12]);
        let request = CreateMerchantRequest { idempotency_key: key(), code, display_name: "A shop".into() };
        let merchant = at.catalog().create_merchant(request).await.unwrap().into_inner().merchant.unwrap();
        Self { merchant_id: merchant.merchant_id }
    }

    /// A SKU at a price in pence, with so many units in stock.
    pub async fn stock(&self, at: &Serving, code: &str, price: i64, units: i64) -> String {
        let sku = SkuUpsert {
            sku_code: code.into(),
            display_name: format!("{code}, plain"),
            unit_price: Some(pence(price)),
            ..Default::default()
        };
        let merchant_id = self.merchant_id.clone();
        let request = UpsertSkusRequest { merchant_id, idempotency_key: key(), skus: vec![sku] };
        let sku_id = at.catalog().upsert_skus(request).await.unwrap().into_inner().skus.remove(0).sku_id;
        let line = ReceiveLine { sku_id: sku_id.clone(), location: String::new(), quantity: units };
        let merchant_id = self.merchant_id.clone();
        let request = ReceiveStockRequest {
            merchant_id,
            idempotency_key: key(),
            lines: vec![line],
            reason: String::new(),
        };
        at.inventory().receive_stock(request).await.unwrap();
        sku_id
    }

    /// A request for one unit of each SKU, in this order, to be paid later.
    pub fn basket(&self, skus: &[&str]) -> PlaceOrderRequest {
        let line = |sku: &&str| PlaceOrderLine { sku_id: (*sku).into(), quantity: 1, ..Default::default() };
        PlaceOrderRequest {
            merchant_id: self.merchant_id.clone(),
            idempotency_key: key(),
            customer_id: "c-17".into(),
            currency_code: "GBP".into(),
            lines: skus.iter().map(line).collect(),
            ..Default::default()
        }
    }

    /// The same, paid at once.
    pub fn paid_basket(&self, skus: &[&str], method_token: &str) -> PlaceOrderRequest {
        let payment = Some(PlaceOrderPayment { method_token: method_token.into() });
        PlaceOrderRequest { payment, ..self.basket(skus) }
    }
}
