//! What other contexts call inside their own transaction.

use inventory::tx::{self, Ended, Hold, Need, Owner};
use kernel::OrderId;
use platform::db::{DbError, LockClass};

use crate::support::{ACTOR, World, world};

impl World {
    fn need(&self, place: usize, quantity: i64) -> Need {
        Need { key: self.stock_key(place), quantity }
    }

    /// An order's holds, as a checkout makes them.
    async fn order(&self, needs: &[Need]) -> (kernel::MerchantId, Owner) {
        let owner = Owner::Order(OrderId::mint(self.clock.wall()));
        let now = self.clock.now();
        let tx = self.transaction().await;
        let mut fold = tx::lock(&tx, needs.iter().map(|need| need.key.clone()).collect()).await.unwrap();
        let expires_at = Some(now + time::Duration::minutes(15));
        fold.reserve(owner, self.merchant, needs, expires_at, ACTOR).unwrap();
        tx::write(&tx, now, &fold).await.unwrap();
        tx.commit().await.unwrap();
        (self.merchant, owner)
    }

    async fn holds(&self, owner: (kernel::MerchantId, Owner)) -> Vec<Hold> {
        let tx = self.transaction().await;
        let holds = tx::holds_of(&tx, &[owner, owner]).await.unwrap();
        tx.rollback().await;
        holds
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_promised_pinned_committed_and_shipped_in_parts() {
    let world = world().await;
    world.done(world.receive(&[(0, 10), (1, 10)])).await;
    let order = world.order(&[world.need(1, 3), world.need(0, 4), world.need(0, 1)]).await;
    let quantities: Vec<i64> = world.holds(order).await.iter().map(|hold| hold.quantity).collect();
    assert_eq!(quantities, [5, 3], "one hold for each SKU");

    let tx = world.transaction().await;
    assert_eq!(tx::pin(&tx, &[order, order]).await.unwrap()[&order], 2);
    tx::commit_holds(&tx, &[order]).await.unwrap();
    tx.commit().await.unwrap();
    assert!(world.holds(order).await.iter().all(|hold| hold.expires_at.is_none() && !hold.pinned));

    let held = world.holds(order).await;
    let tx = world.transaction().await;
    let mut fold = tx::lock(&tx, vec![world.stock_key(0)]).await.unwrap();
    assert!(fold.unshippable(&[world.need(0, 2)]).is_empty());
    tx::shrink_holds(&tx, &[(order.0, order.1, world.stock_key(0), 2)]).await.unwrap();
    fold.ship(&held[0], 2, ACTOR).unwrap();
    tx::write(&tx, world.clock.now(), &fold).await.unwrap();
    tx.commit().await.unwrap();
    let now = world.counters(0).await;
    assert_eq!((now.on_hand, now.reserved), (8, 3));
    world.assert_sound().await;

    let tx = world.transaction().await;
    let mut fold = tx::lock(&tx, vec![world.stock_key(1), world.stock_key(0)]).await.unwrap();
    let rest = tx::take_holds(&tx, &[order]).await.unwrap();
    fold.ship(&rest[0], rest[0].quantity, ACTOR).unwrap();
    fold.release(&rest[1], Ended::Released, ACTOR).unwrap();
    tx::write(&tx, world.clock.now(), &fold).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((world.counters(0).await.on_hand, world.counters(1).await.on_hand), (5, 10));
    assert!(world.holds(order).await.is_empty());
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_changed_since_it_was_locked_fails_the_write() {
    let world = world().await;
    world.done(world.receive(&[(0, 10)])).await;
    let tx = world.transaction().await;
    let mut fold = tx::lock(&tx, vec![world.stock_key(0)]).await.unwrap();
    let order = Owner::Order(OrderId::mint(world.clock.wall()));
    fold.reserve(order, world.merchant, &[world.need(0, 1)], None, ACTOR).unwrap();
    tx::write(&tx, world.clock.now(), &fold).await.unwrap();
    let again = tx::write(&tx, world.clock.now(), &fold).await;
    assert!(
        matches!(again, Err(DbError::RowCount { statement: "update_stock", expected: 1, actual: 0 })),
        "{again:?}"
    );
    tx.rollback().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_never_shrunk_to_nothing_nor_by_another_merchant() {
    let world = world().await;
    world.done(world.receive(&[(0, 10)])).await;
    let (merchant, owner) = world.order(&[world.need(0, 4)]).await;
    let other = world.new_merchant().await;
    for (merchant, quantity) in [(merchant, 4), (other, 1)] {
        let tx = world.transaction().await;
        let key = tx::StockKey { merchant_id: merchant, ..world.stock_key(0) };
        let shrunk = tx::shrink_holds(&tx, &[(merchant, owner, key, quantity)]).await;
        assert!(matches!(shrunk, Err(DbError::RowCount { .. })), "{shrunk:?}");
        tx.rollback().await;
    }
    let tx = world.transaction().await;
    assert!(tx::take_holds(&tx, &[(other, owner)]).await.unwrap().is_empty());
    assert!(tx::holds_of(&tx, &[(other, owner)]).await.unwrap().is_empty());
    tx.rollback().await;
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn holds_are_reached_after_stock_and_never_before() {
    let world = world().await;
    world.done(world.receive(&[(0, 10)])).await;
    let order = world.order(&[world.need(0, 4)]).await;
    let tx = world.transaction().await;
    tx::pin(&tx, &[order]).await.unwrap();
    let locked = tx::lock(&tx, vec![world.stock_key(0)]).await;
    let refused =
        matches!(locked, Err(DbError::LockOrder { asked: LockClass::Stock, held: LockClass::Holds, .. }));
    assert!(refused, "{locked:?}");
    tx.rollback().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_location_without_stock_has_nothing_available_and_is_not_busy() {
    let world = world().await;
    let tx = world.transaction().await;
    let mut fold = tx::lock(&tx, vec![world.stock_key(0)]).await.unwrap();
    let order = Owner::Order(OrderId::mint(world.clock.wall()));
    let short = fold.reserve(order, world.merchant, &[world.need(0, 1)], None, ACTOR).unwrap_err();
    assert_eq!((short[0].wanted, short[0].available), (1, 0));
    assert!(!fold.is_busy(&world.stock_key(0)));
    tx.rollback().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_merchant_naming_an_order_beside_its_owners_other_order_touches_nothing_of_it() {
    let world = world().await;
    let other = world.new_merchant().await;
    world.done(world.receive(&[(0, 10), (1, 10)])).await;
    let target = world.order(&[world.need(0, 4)]).await;
    let beside = world.order(&[world.need(1, 4)]).await;
    let before = world.holds(target).await;
    // Both merchants are in every statement, so a predicate over them would let the stranger through.
    let named = [(other, target.1), beside];

    let tx = world.transaction().await;
    assert!(tx::holds_of(&tx, &named).await.unwrap().iter().all(|hold| hold.owner == beside.1));
    let touched = tx::pin(&tx, &named).await.unwrap();
    assert_eq!((touched.len(), touched[&beside]), (1, 1));
    tx.commit().await.unwrap();
    assert_eq!(world.holds(target).await, before);

    let tx = world.transaction().await;
    tx::pin(&tx, &[target]).await.unwrap();
    tx::unpin(&tx, &named).await.unwrap();
    tx.commit().await.unwrap();
    assert!(world.holds(target).await[0].pinned);

    let tx = world.transaction().await;
    tx::commit_holds(&tx, &named).await.unwrap();
    assert_eq!(tx::take_holds(&tx, &named).await.unwrap().len(), 1);
    tx.rollback().await;
    let tx = world.transaction().await;
    tx::commit_holds(&tx, &named).await.unwrap();
    tx.commit().await.unwrap();
    assert!(world.holds(target).await[0].expires_at.is_some());
    world.assert_sound().await;
}
