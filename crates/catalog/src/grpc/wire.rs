//! Our words as the contract's.

use contract::purser::catalog::v1 as proto;
use contract::purser::common::v1 as common;
use kernel::{SkuId, Timestamp};

use crate::queries::list_prices::Price;
use crate::queries::merchants::Merchant;
use crate::queries::products::Product;
use crate::queries::skus::Sku;

fn time(at: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: at.unix_timestamp(),
        nanos: i32::try_from(at.nanosecond()).unwrap_or_default(),
    }
}

fn money(currency_code: String, minor_units: i64) -> common::Money {
    common::Money { currency_code, minor_units }
}

pub(super) fn merchant(merchant: Merchant) -> proto::Merchant {
    proto::Merchant {
        merchant_id: merchant.id.to_string(),
        code: merchant.code,
        display_name: merchant.display_name,
        create_time: Some(time(merchant.created_time)),
    }
}

pub(super) fn product(product: Product) -> proto::Product {
    proto::Product {
        product_id: product.id.to_string(),
        merchant_id: product.merchant_id.to_string(),
        display_name: product.display_name,
        create_time: Some(time(product.created_time)),
    }
}

pub(super) fn sku(sku: Sku) -> proto::Sku {
    proto::Sku {
        sku_id: sku.id.to_string(),
        merchant_id: sku.merchant_id.to_string(),
        sku_code: sku.code,
        product_id: sku.product_id.map(|id| id.to_string()).unwrap_or_default(),
        display_name: sku.display_name,
        tracks_stock: sku.tracks_stock,
        active: sku.active,
        prices: sku.prices.into_iter().map(|(currency, minor)| money(currency, minor)).collect(),
        create_time: Some(time(sku.created_time)),
        update_time: Some(time(sku.updated_time)),
    }
}

pub(super) fn price(sku_id: SkuId, price: Price) -> proto::Price {
    proto::Price {
        sku_id: sku_id.to_string(),
        unit_price: Some(money(price.currency, price.unit_price)),
        start_time: Some(time(price.start_time)),
        end_time: price.end_time.map(time),
    }
}
