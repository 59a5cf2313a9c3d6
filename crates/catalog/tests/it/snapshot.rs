use std::collections::HashSet;

use catalog::tx;
use contract::purser::catalog::v1 as proto;
use contract::purser::common::v1::Money;
use kernel::{Currency, MerchantId, SkuId};
use platform::db::{Locking, Tx};

use crate::support::{World, gbp, nobody, upsert, world};

async fn begin(world: &World) -> Tx {
    let tx = Tx::new(world.deps.database.write().await.unwrap(), Locking::Wait);
    tx.prepare(&tx::statements()).await.unwrap();
    tx.begin().await.unwrap();
    tx
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_is_what_stands_at_its_moment_in_the_order_asked() {
    let world = world().await;
    let (merchant, other) = (world.merchant("shop").await, world.merchant("other").await);
    let eur = Some(Money { currency_code: "EUR".to_owned(), minor_units: 7 });
    let skus = vec![
        upsert("pounds", gbp(100)),
        upsert("euros", eur),
        proto::SkuUpsert { untracked: true, retired: true, ..upsert("POST", None) },
    ];
    let made = world.upsert(&merchant, skus).await.unwrap();
    let ids: Vec<SkuId> = made.iter().map(|sku| sku.sku_id.parse().unwrap()).collect();
    let (merchant, other): (MerchantId, MerchantId) = (merchant.parse().unwrap(), other.parse().unwrap());
    let pounds = Currency::parse("GBP").unwrap();
    let now = world.deps.clock.now();
    let wanted = [
        (merchant, ids[1], pounds),
        (other, ids[0], pounds),
        (merchant, ids[0], pounds),
        (merchant, ids[2], pounds),
        (merchant, ids[0], pounds),
    ];

    let tx = begin(&world).await;
    let found = tx::snapshot(&tx, now, &wanted).await.unwrap();
    assert_eq!(found.len(), 5);
    let euros = found[0].as_ref().unwrap();
    assert_eq!((euros.unit_price, euros.priced_elsewhere, euros.code.as_str()), (None, true, "euros"));
    assert!(found[1].is_none(), "another merchant's SKU is unknown");
    let priced = found[2].as_ref().unwrap();
    assert_eq!(
        (priced.unit_price, priced.priced_elsewhere, priced.merchant_id),
        (Some(100), false, merchant)
    );
    assert!(priced.tracks_stock && priced.active);
    let post = found[3].as_ref().unwrap();
    assert_eq!((post.unit_price, post.priced_elsewhere), (None, false));
    assert!(!post.tracks_stock && !post.active);
    assert_eq!(found[4], found[2]);
    let before = tx::snapshot(&tx, now - time::Duration::hours(1), &wanted[2..3]).await.unwrap();
    assert_eq!(before[0].as_ref().unwrap().unit_price, None, "it had no price then");
    assert!(tx::snapshot(&tx, now, &[]).await.unwrap().is_empty());
    tx.rollback().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_holds_from_its_start_until_the_next_ones_start() {
    let world = world().await;
    let merchant = world.merchant("shop").await;
    let sku = world.upsert(&merchant, vec![upsert("A", gbp(1))]).await.unwrap().remove(0).sku_id;
    let change = world.deps.clock.now() + time::Duration::seconds(100);
    world.set_price(&merchant, &sku, gbp(2), Some(change)).await.unwrap();
    let wanted = [(merchant.parse().unwrap(), sku.parse().unwrap(), Currency::parse("GBP").unwrap())];
    let tx = begin(&world).await;
    for (at, price) in [(change - time::Duration::microseconds(1), 1), (change, 2)] {
        let found = tx::snapshot(&tx, at, &wanted).await.unwrap();
        assert_eq!(found[0].as_ref().unwrap().unit_price, Some(price));
    }
    tx.rollback().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn existing_merchants_are_told_from_others() {
    let world = world().await;
    let merchant: MerchantId = world.merchant("shop").await.parse().unwrap();
    let tx = begin(&world).await;
    let found = tx::existing_merchants(&tx, &[nobody().parse().unwrap(), merchant, merchant]).await.unwrap();
    assert_eq!(found, HashSet::from([merchant]));
    tx.rollback().await;
}
