//! What inventory must know of SKUs, and whom it asks. It does not know the catalogue.

use futures::future::BoxFuture;
use kernel::{MerchantId, SkuId};
use platform::db::{DbError, Reader, Tx};
use platform::sql::Sql;

/// What inventory must know of a SKU.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SkuInfo {
    /// The merchant's code, for people who read a refusal.
    pub code: String,
    /// False for what is never counted, postage for example.
    pub tracks_stock: bool,
}

/// Knows the SKUs of all merchants.
pub trait SkuDirectory: Send + Sync + 'static {
    /// The SKUs in the order asked; `None` is a SKU that this merchant does not have. One statement, in the transaction of
    /// the command.
    fn tracked<'a>(
        &'a self,
        tx: &'a Tx,
        skus: &'a [(MerchantId, SkuId)],
    ) -> BoxFuture<'a, Result<Vec<Option<SkuInfo>>, DbError>>;

    /// Whether a merchant has a SKU, for reads.
    fn exists<'a>(
        &'a self,
        reader: &'a mut Reader,
        merchant_id: MerchantId,
        sku_id: SkuId,
    ) -> BoxFuture<'a, Result<bool, DbError>>;

    /// The statements behind [`SkuDirectory::tracked`], to be prepared ahead.
    fn statements(&self) -> Vec<&'static Sql>;
}
