//! Batches of orders forced to hold the commands that collide on a stock row, a reference or a key.

use std::sync::Arc;

use kernel::Reason;
use order::commands::place_order::{PlaceOrder, Placed};
use order::domain::pricing::Wanted;
use platform::db::Locking;

use crate::support::{PLACING, World, busy, done_before, key, named_key, placed, refused, world};

#[tokio::test(flavor = "multi_thread")]
async fn orders_of_one_sku_in_one_batch_are_filled_in_arrival_order_and_never_oversell() {
    let world = world().await;
    world.receive(0, 2).await;
    let three = vec![world.order(&[(0, 1)]), world.order(&[(0, 1)]), world.order(&[(0, 1)])];
    let verdicts = world.place_batch(three).await.unwrap();
    placed(&verdicts[0]);
    placed(&verdicts[1]);
    let refusal = refused(&verdicts[2]);
    assert_eq!(refusal.reason, Reason::InsufficientStock);
    assert_eq!((refusal.shortage[0].wanted, refusal.shortage[0].available), (1, 0));
    assert_eq!(world.stock(0).await.reserved, 2);

    world.receive(0, 2).await;
    let two = vec![world.order(&[(0, 2)]), world.order(&[(0, 1)])];
    let verdicts = world.place_batch(two).await.unwrap();
    placed(&verdicts[0]);
    assert_eq!(refused(&verdicts[1]).reason, Reason::InsufficientStock);
    assert_eq!(world.stock(0).await.reserved, 4);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_refused_in_the_middle_of_a_batch_leaves_room_for_the_next() {
    let world = world().await;
    world.receive(0, 3).await;
    let batch = vec![world.order(&[(0, 2)]), world.order(&[(0, 2)]), world.order(&[(0, 1)])];
    let verdicts = world.place_batch(batch).await.unwrap();
    placed(&verdicts[0]);
    assert_eq!(refused(&verdicts[1]).shortage[0].available, 1);
    placed(&verdicts[2]);
    assert_eq!(world.stock(0).await.reserved, 3);
    assert_eq!(world.count("SELECT count(*) FROM platform.idempotency").await, 2);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_order_of_a_batch_with_the_same_client_reference_waits_for_the_first() {
    let world = world().await;
    world.receive(0, 10).await;
    let [first, second] = [(); 2].map(|()| Arc::new(world.order_with_reference("536365", &[(0, 1)])));
    let batch = [Arc::clone(&first), Arc::clone(&second)];
    let verdicts = world.run(&PLACING, &batch, Locking::Wait).await.unwrap();
    placed(&verdicts[0]);
    busy(&verdicts[1]);
    let verdicts = world.run(&PLACING, &[second], Locking::WaitLong).await.unwrap();
    let refusal = refused(&verdicts[0]);
    assert_eq!(refusal.reason, Reason::ClientReferenceTaken);
    assert_eq!(refusal.resource.unwrap().name, first.order_id.to_string());
    assert_eq!(world.stock(0).await.reserved, 1);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_reference_of_a_refused_order_is_free_for_the_next() {
    let world = world().await;
    world.receive(0, 10).await;
    let batch = [
        Arc::new(world.order_with_reference("536365", &[(0, 11)])),
        Arc::new(world.order_with_reference("536365", &[(0, 1)])),
        Arc::new(world.order(&[(0, 1)])),
    ];
    let verdicts = world.run(&PLACING, &batch, Locking::Wait).await.unwrap();
    assert_eq!(refused(&verdicts[0]).reason, Reason::InsufficientStock);
    busy(&verdicts[1]);
    placed(&verdicts[2]);
    assert_eq!(world.count("SELECT count(*) FROM orders.client_references").await, 0);
    let verdicts = world.run(&PLACING, &batch[1..2], Locking::WaitLong).await.unwrap();
    placed(&verdicts[0]);
    world.assert_sound().await;
}

async fn foreign_order(world: &World, sku_place: usize) -> PlaceOrder {
    let other = world.new_merchant().await;
    let wanted =
        Wanted { sku_id: world.skus[sku_place], quantity: 1, unit_price: None, location: "main".to_owned() };
    world.order_of(other, key(), vec![wanted])
}

#[tokio::test(flavor = "multi_thread")]
async fn another_merchants_sku_is_not_found_even_beside_an_order_of_its_owner() {
    let world = world().await;
    world.receive(0, 10).await;
    // The owner's own order stands in the same batch, so a predicate over the batch's merchants would let it through.
    let batch = vec![foreign_order(&world, 0).await, world.order(&[(0, 1)])];
    let verdicts = world.place_batch(batch).await.unwrap();
    assert_eq!(refused(&verdicts[0]).reason, Reason::SkuNotFound);
    placed(&verdicts[1]);
    assert_eq!(world.stock(0).await.reserved, 1);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_merchants_key_and_reference_are_its_own() {
    let world = world().await;
    let other = world.new_merchant().await;
    let theirs = world.sku(other, true, Some(5)).await;
    world.receive(0, 10).await;
    world.receive_for(other, theirs, 10).await;
    let wanted = Wanted { sku_id: theirs, quantity: 1, unit_price: None, location: "main".to_owned() };
    let mine = world.order_with_reference("1", &[(0, 1)]);
    let mine = world.order_of(world.merchant, named_key("same"), mine.lines);
    let mine = PlaceOrder { client_reference: "1".to_owned(), ..mine };
    let their = world.order_of(other, named_key("same"), vec![wanted]);
    let their = PlaceOrder { client_reference: "1".to_owned(), ..their };
    let verdicts = world.place_batch(vec![mine, their]).await.unwrap();
    for verdict in &verdicts {
        placed(verdict);
    }
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_order_beside_one_found_done_leaves_its_key_and_reference_free() {
    let world = world().await;
    world.receive(0, 5).await;
    let first = Arc::new(world.order_with_reference("1", &[(0, 1)]));
    let second = Arc::new(world.order_with_reference("2", &[(0, 6)]));
    world.run(&PLACING, &[Arc::clone(&first)], Locking::Wait).await.unwrap();
    // The same batch runs again after a COMMIT that went through unheard: the first finds its own success.
    let batch = [first, Arc::clone(&second)];
    let verdicts = world.run(&PLACING, &batch, Locking::Wait).await.unwrap();
    assert!(matches!(done_before(&verdicts[0]), Placed::Before(_)));
    assert_eq!(refused(&verdicts[1]).reason, Reason::InsufficientStock);
    assert_eq!(world.count("SELECT count(*) FROM platform.idempotency").await, 1);
    assert_eq!(world.count("SELECT count(*) FROM orders.client_references").await, 1);
    world.receive(0, 5).await;
    let again = world.run(&PLACING, &[second], Locking::Wait).await.unwrap();
    placed(&again[0]);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn holds_reclaimed_in_vain_beside_an_order_found_done_move_their_counters() {
    let world = world().await;
    world.receive(0, 5).await;
    world.place(&[(0, 3)]).await;
    let first = Arc::new(world.order(&[(0, 1)]));
    world.run(&PLACING, &[Arc::clone(&first)], Locking::Wait).await.unwrap();
    world.clock.advance(time::Duration::minutes(16));
    // Even all overdue holds do not make it 6.
    let batch = [first, Arc::new(world.order(&[(0, 6)]))];
    let verdicts = world.run(&PLACING, &batch, Locking::Wait).await.unwrap();
    assert!(matches!(done_before(&verdicts[0]), Placed::Before(_)));
    assert_eq!(refused(&verdicts[1]).reason, Reason::InsufficientStock);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_merchant_and_a_retired_sku_are_refused_alone() {
    let world = world().await;
    world.receive(0, 10).await;
    world.receive(1, 10).await;
    let retire = "UPDATE catalog.sku_details SET active = false WHERE sku_id = $1";
    world.admin.execute(retire, &[&world.skus[1].uuid()]).await.unwrap();
    let nobody = kernel::MerchantId::mint(world.clock.wall());
    let stranger = world.order_of(nobody, key(), world.order(&[(0, 1)]).lines);
    let verdicts =
        world.place_batch(vec![stranger, world.order(&[(1, 1)]), world.order(&[(0, 1)])]).await.unwrap();
    assert_eq!(refused(&verdicts[0]).reason, Reason::MerchantNotFound);
    assert_eq!(refused(&verdicts[1]).reason, Reason::SkuInactive);
    placed(&verdicts[2]);
    world.assert_sound().await;
}
