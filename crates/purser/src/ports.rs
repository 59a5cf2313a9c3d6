//! Where contexts that must not know each other meet: what one asks for is answered by another.

use catalog::queries::skus;
use catalog::tx::snapshot;
use futures::future::BoxFuture;
use inventory::{SkuDirectory, SkuInfo};
use kernel::{Currency, MerchantId, SkuId, Timestamp};
use platform::db::{DbError, Reader, Tx};
use platform::sql::Sql;

/// Inventory's questions about SKUs, answered by the catalogue.
#[derive(Clone, Copy, Debug, Default)]
pub struct CatalogSkus;

impl SkuDirectory for CatalogSkus {
    fn tracked<'a>(
        &'a self,
        tx: &'a Tx,
        skus: &'a [(MerchantId, SkuId)],
    ) -> BoxFuture<'a, Result<Vec<Option<SkuInfo>>, DbError>> {
        Box::pin(async move {
            // Stock knows no prices: any moment and any currency will do.
            let currency = Currency::parse("XXX").expect("ISO 4217 has a code for no currency");
            let wanted: Vec<_> = skus.iter().map(|(merchant, sku)| (*merchant, *sku, currency)).collect();
            let found = snapshot(tx, Timestamp::UNIX_EPOCH, &wanted).await?;
            let info =
                |sku: catalog::tx::SkuSnapshot| SkuInfo { code: sku.code, tracks_stock: sku.tracks_stock };
            Ok(found.into_iter().map(|sku| sku.map(info)).collect())
        })
    }

    fn exists<'a>(
        &'a self,
        reader: &'a mut Reader,
        merchant_id: MerchantId,
        sku_id: SkuId,
    ) -> BoxFuture<'a, Result<bool, DbError>> {
        Box::pin(async move {
            let found = skus::by_id(reader, Timestamp::UNIX_EPOCH, merchant_id, &[sku_id]).await?;
            Ok(!found.is_empty())
        })
    }

    fn statements(&self) -> Vec<&'static Sql> {
        catalog::tx::statements()
    }
}
