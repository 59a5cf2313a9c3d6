//! How many of a merchant's belongings each read shows, by service.

use contract::purser::catalog::v1::get_sku_request::Sku as SkuBy;
use contract::purser::catalog::v1::*;
use contract::purser::inventory::v1::*;
use contract::purser::order::v1::order_filter::By as OrderBy;
use contract::purser::order::v1::*;
use contract::purser::payment::v1::lookup_payment_request::By as PaymentBy;
use contract::purser::payment::v1::*;
use tonic::Status;

use super::{Belongings, REFERENCE, TRACKING};
use crate::support::process::Serving;

impl Belongings {
    pub(super) async fn shown_by_catalog(
        &self,
        at: &Serving,
        method: &str,
        merchant_id: String,
    ) -> Result<usize, Status> {
        let (mut client, sku_id) = (at.catalog(), self.sku_id.clone());
        Ok(match method.split('/').next_back().unwrap() {
            "GetSku" => {
                let by_id =
                    GetSkuRequest { merchant_id: merchant_id.clone(), sku: Some(SkuBy::SkuId(sku_id)) };
                let by_code = GetSkuRequest { merchant_id, sku: Some(SkuBy::SkuCode("MUG".into())) };
                let (by_id, by_code) = (client.get_sku(by_id).await, client.get_sku(by_code).await);
                assert_eq!(by_id.is_ok(), by_code.is_ok());
                by_id.map(|_| 1)?
            }
            "BatchGetSkus" => {
                let request = BatchGetSkusRequest { merchant_id, sku_ids: vec![sku_id] };
                let answer = client.batch_get_skus(request).await?.into_inner();
                assert_eq!(answer.skus.len() + answer.missing_sku_ids.len(), 1);
                answer.skus.len()
            }
            "ListSkus" => {
                let request = ListSkusRequest { merchant_id, ..Default::default() };
                client.list_skus(request).await?.into_inner().skus.len()
            }
            "ListPrices" => {
                let request = ListPricesRequest { merchant_id, sku_id, ..Default::default() };
                client.list_prices(request).await?.into_inner().prices.len()
            }
            other => panic!("{other} has no case"),
        })
    }

    pub(super) async fn shown_by_inventory(
        &self,
        at: &Serving,
        method: &str,
        merchant_id: String,
    ) -> Result<usize, Status> {
        let (mut client, sku_id) = (at.inventory(), self.sku_id.clone());
        Ok(match method.split('/').next_back().unwrap() {
            "GetStock" => {
                client.get_stock(GetStockRequest { merchant_id, sku_id }).await?.into_inner().levels.len()
            }
            "BatchGetStock" => {
                let request = BatchGetStockRequest { merchant_id, sku_ids: vec![sku_id] };
                client.batch_get_stock(request).await?.into_inner().levels.len()
            }
            "ListStock" => {
                let request = ListStockRequest { merchant_id, ..Default::default() };
                client.list_stock(request).await?.into_inner().levels.len()
            }
            "GetReservation" => {
                let request =
                    GetReservationRequest { merchant_id, reservation_id: self.reservation_id.clone() };
                client.get_reservation(request).await.map(|_| 1)?
            }
            "ListMovements" => {
                let request = ListMovementsRequest { merchant_id, sku_id, ..Default::default() };
                client.list_movements(request).await?.into_inner().movements.len()
            }
            other => panic!("{other} has no case"),
        })
    }

    pub(super) async fn shown_by_orders(
        &self,
        at: &Serving,
        method: &str,
        merchant: &str,
    ) -> Result<usize, Status> {
        let (mut client, order_id) = (at.orders(), self.order_id.clone());
        let merchant_id = merchant.to_owned();
        Ok(match method.split('/').next_back().unwrap() {
            "GetOrder" => client.get_order(GetOrderRequest { merchant_id, order_id }).await.map(|_| 1)?,
            "BatchGetOrders" => {
                let request = BatchGetOrdersRequest { merchant_id, order_ids: vec![order_id] };
                let answer = client.batch_get_orders(request).await?.into_inner();
                assert_eq!(answer.orders.len() + answer.missing_order_ids.len(), 1);
                answer.orders.len()
            }
            "ListOrders" => {
                let mut shown = Vec::new();
                for by in [
                    None,
                    Some(OrderBy::CustomerId("c-17".into())),
                    Some(OrderBy::State(order::State::Processing.into())),
                    Some(OrderBy::TrackingNumber(TRACKING.into())),
                    Some(OrderBy::ClientReference(REFERENCE.into())),
                ] {
                    let (merchant_id, filter) = (merchant_id.clone(), Some(OrderFilter { by }));
                    let request = ListOrdersRequest { merchant_id, filter, ..Default::default() };
                    shown.push(client.list_orders(request).await?.into_inner().orders.len());
                }
                assert!(shown.iter().all(|orders| orders == &shown[0]), "{shown:?}");
                shown[0]
            }
            "GetOrderTimeline" => {
                let request = GetOrderTimelineRequest { merchant_id, order_id };
                client.get_order_timeline(request).await?.into_inner().entries.len()
            }
            "ListFulfillmentQueue" => {
                let request = ListFulfillmentQueueRequest { merchant_id, ..Default::default() };
                client.list_fulfillment_queue(request).await?.into_inner().orders.len()
            }
            other => panic!("{other} has no case"),
        })
    }

    pub(super) async fn shown_by_payments(
        &self,
        at: &Serving,
        method: &str,
        merchant: &str,
    ) -> Result<usize, Status> {
        let (mut client, merchant_id) = (at.payments(), merchant.to_owned());
        Ok(match method.split('/').next_back().unwrap() {
            "GetPayment" => {
                let request = GetPaymentRequest { merchant_id, payment_id: self.payment_id.clone() };
                client.get_payment(request).await.map(|_| 1)?
            }
            "LookupPayment" => {
                let lookup = |by| LookupPaymentRequest { merchant_id: merchant_id.clone(), by: Some(by) };
                let by_key =
                    client.lookup_payment(lookup(PaymentBy::IdempotencyKey(self.capture_key.clone()))).await;
                let by_reference = PaymentBy::ProviderReference(self.provider_reference.clone());
                let by_reference = client.lookup_payment(lookup(by_reference)).await;
                assert_eq!(by_key.is_ok(), by_reference.is_ok());
                by_key.map(|_| 1)?
            }
            "ListPayments" => {
                let request = ListPaymentsRequest {
                    merchant_id,
                    order_id: self.order_id.clone(),
                    ..Default::default()
                };
                client.list_payments(request).await?.into_inner().payments.len()
            }
            other => panic!("{other} has no case"),
        })
    }
}
