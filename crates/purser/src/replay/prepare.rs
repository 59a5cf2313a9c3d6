//! What has to stand before the first order: the merchant, its SKUs with their prices, and the stock.

use contract::purser::catalog::v1::{CreateMerchantRequest, SkuUpsert, UpsertSkusRequest};
use contract::purser::common::v1::Money;
use contract::purser::inventory::v1::{ReceiveLine, ReceiveStockRequest};
use kernel::Reason;

use super::error::ReplayError;
use super::plan::{Plan, PlannedSku};
use super::progress::Progress;
use super::service::{CallError, Service};

// What UpsertSkus and ReceiveStock take in one call.
const BATCH: usize = 500;

/// The ids that the orders refer to.
pub struct Ids {
    /// The merchant (`mer_...`).
    pub merchant: String,
    /// The SKUs (`sku_...`), in the order of the plan.
    pub skus: Vec<String>,
}

/// Creates what is missing. Every key names the plan's source, so a repetition changes nothing, and another source of
/// the same merchant adds its own.
///
/// # Errors
/// A refusal of any of these calls, or the end of patience.
pub async fn prepare(service: &Service, plan: &Plan, progress: &Progress) -> Result<Ids, ReplayError> {
    progress.phase("merchant", 1);
    let merchant = merchant(service, plan).await?;
    progress.phase("SKUs", plan.skus.len());
    let mut skus = Vec::with_capacity(plan.skus.len());
    for (batch, drafts) in plan.skus.chunks(BATCH).enumerate() {
        skus.extend(upsert(service, plan, &merchant, batch, drafts).await?);
        progress.advance(drafts.len());
    }
    let lines: Vec<ReceiveLine> = plan
        .skus
        .iter()
        .zip(&skus)
        .filter(|(sku, _)| sku.received > 0)
        .map(|(sku, id)| ReceiveLine { sku_id: id.clone(), location: String::new(), quantity: sku.received })
        .collect();
    progress.phase("receipts", lines.len());
    for (batch, lines) in lines.chunks(BATCH).enumerate() {
        receive(service, plan, &merchant, batch, lines).await?;
        progress.advance(lines.len());
    }
    Ok(Ids { merchant, skus })
}

async fn merchant(service: &Service, plan: &Plan) -> Result<String, ReplayError> {
    const CALL: &str = "CreateMerchant";
    let request = CreateMerchantRequest {
        idempotency_key: format!("{}/merchant/create", plan.merchant),
        code: plan.merchant.to_owned(),
        display_name: plan.merchant_name.to_owned(),
    };
    let answer = service
        .call(CALL, request, |request| {
            let mut client = service.catalog();
            async move { client.create_merchant(request).await }
        })
        .await;
    match answer {
        Ok(answer) => {
            let merchant = answer
                .message
                .merchant
                .ok_or(ReplayError::Incomplete { call: CALL, what: "the merchant" })?;
            Ok(merchant.merchant_id)
        }
        // Somebody made the merchant by hand, under another key: it is still the one.
        Err(CallError::Refused(refused))
            if refused.reason == Reason::MerchantCodeTaken.as_str()
                && refused.resource.starts_with("mer_") =>
        {
            Ok(refused.resource)
        }
        Err(error) => Err(error.fatal(CALL)),
    }
}

async fn upsert(
    service: &Service,
    plan: &Plan,
    merchant: &str,
    batch: usize,
    drafts: &[PlannedSku],
) -> Result<Vec<String>, ReplayError> {
    const CALL: &str = "UpsertSkus";
    let sku = |draft: &PlannedSku| SkuUpsert {
        sku_code: draft.code.clone(),
        product_id: String::new(),
        display_name: draft.name.clone(),
        untracked: !draft.tracked,
        retired: false,
        unit_price: Some(Money { currency_code: plan.currency.to_owned(), minor_units: draft.list_price }),
    };
    let request = UpsertSkusRequest {
        merchant_id: merchant.to_owned(),
        idempotency_key: format!("{}/{}/skus/{batch}", plan.merchant, plan.source),
        skus: drafts.iter().map(sku).collect(),
    };
    let answer = service
        .call(CALL, request, |request| {
            let mut client = service.catalog();
            async move { client.upsert_skus(request).await }
        })
        .await
        .map_err(|error| error.fatal(CALL))?;
    if answer.message.skus.len() != drafts.len() {
        return Err(ReplayError::Incomplete { call: CALL, what: "a SKU" });
    }
    Ok(answer.message.skus.into_iter().map(|sku| sku.sku_id).collect())
}

async fn receive(
    service: &Service,
    plan: &Plan,
    merchant: &str,
    batch: usize,
    lines: &[ReceiveLine],
) -> Result<(), ReplayError> {
    const CALL: &str = "ReceiveStock";
    let request = ReceiveStockRequest {
        merchant_id: merchant.to_owned(),
        idempotency_key: format!("{}/{}/receive/{batch}", plan.merchant, plan.source),
        lines: lines.to_vec(),
        reason: format!("stock of {}", plan.source),
    };
    service
        .call(CALL, request, |request| {
            let mut client = service.inventory();
            async move { client.receive_stock(request).await }
        })
        .await
        .map_err(|error| error.fatal(CALL))?;
    Ok(())
}
