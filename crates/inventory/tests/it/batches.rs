//! Batches forced to hold the commands that collide on a row, a key or a reservation.

use std::sync::Arc;

use inventory::commands::Changed;
use inventory::domain::reservation::State;
use kernel::id::ReservationId;
use kernel::{Reason, SkuId};
use platform::db::Locking;
use platform::group_commit::Verdict;

use crate::support::{done, levels, named_key, refused, replayed, reservation, world};

#[tokio::test(flavor = "multi_thread")]
async fn three_receipts_of_one_sku_in_one_batch_all_count_and_each_has_its_movement() {
    let world = world().await;
    let batch = vec![world.receive(&[(0, 5)]), world.receive(&[(0, 7), (1, 1)]), world.receive(&[(0, 11)])];
    let verdicts = world.batch(batch).await.unwrap();
    for verdict in &verdicts {
        assert_eq!(levels(done(verdict))[0].counters.on_hand, 23, "the level as it stands");
    }
    assert_eq!(world.counters(0).await.on_hand, 23);
    assert_eq!(world.count("SELECT count(*) FROM inventory.movements").await, 4);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reservations_of_one_sku_in_one_batch_are_filled_in_arrival_order_and_never_oversell() {
    let world = world().await;
    world.done(world.receive(&[(0, 10)])).await;
    let batch = vec![world.reserve(&[(0, 6)]), world.reserve(&[(0, 6)]), world.reserve(&[(0, 4)])];
    let verdicts = world.batch(batch).await.unwrap();
    done(&verdicts[0]);
    let refusal = refused(&verdicts[1]);
    assert_eq!(refusal.reason, Reason::InsufficientStock);
    assert_eq!((refusal.shortage[0].wanted, refusal.shortage[0].available), (6, 4));
    done(&verdicts[2]);
    assert_eq!(world.counters(0).await.reserved, 10);
    assert_eq!(world.count("SELECT count(*) FROM inventory.reservations").await, 2);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_all_kinds_on_one_row_is_folded_in_arrival_order() {
    let world = world().await;
    world.done(world.receive(&[(0, 5)])).await;
    let held = world.reserved(&[(0, 5)]).await;
    let batch = vec![
        world.reserve(&[(0, 1)]),
        world.release(held.reservation_id),
        world.reserve(&[(0, 4)]),
        world.adjust(0, -2, false),
        world.receive(&[(0, 3)]),
        world.adjust(0, -4, false),
        world.reserve(&[(0, 1)]),
    ];
    let verdicts = world.batch(batch).await.unwrap();
    assert_eq!(refused(&verdicts[0]).reason, Reason::InsufficientStock, "it came before the release");
    assert_eq!(refused(&verdicts[3]).shortage[0].available, 1, "it came before the receipt");
    for accepted in [1, 2, 4, 5] {
        done(&verdicts[accepted]);
    }
    assert_eq!(refused(&verdicts[6]).shortage[0].available, 0);
    let now = world.counters(0).await;
    assert_eq!((now.on_hand, now.reserved), (4, 4));
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_short_line_among_three_reserves_nothing_and_every_short_line_is_named() {
    let world = world().await;
    world.done(world.receive(&[(0, 10), (1, 1)])).await;
    let before = world.footprint().await;
    let refusal = refused(&world.batch(vec![world.reserve(&[(0, 1), (1, 2), (2, 3)])]).await.unwrap()[0]);
    let short: Vec<_> = refusal.shortage.iter().map(|line| (line.wanted, line.available)).collect();
    assert_eq!(short, [(2, 1), (3, 0)]);
    assert!(refusal.shortage.iter().all(|line| line.sku_code.starts_with("code-")), "named for people");
    assert_eq!(world.footprint().await, before, "nothing was written, not even the key");
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_commands_leave_their_keys_free_though_the_batch_commits() {
    let world = world().await;
    let wanted = Arc::new(world.reserve(&[(0, 5)]));
    let received = Arc::new(world.receive(&[(0, 3)]));
    let verdicts = world.batch_of(&[Arc::clone(&wanted), received], Locking::Wait).await.unwrap();
    refused(&verdicts[0]);
    done(&verdicts[1]);
    world.done(world.receive(&[(0, 2)])).await;
    let again = world.batch_of(&[wanted], Locking::Wait).await.unwrap();
    done(&again[0]);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_merchant_naming_a_reservation_beside_its_owners_command_changes_nothing_of_it() {
    let world = world().await;
    let other = world.new_merchant().await;
    world.done(world.receive(&[(0, 10), (1, 10)])).await;
    let held = world.reserved(&[(0, 4)]).await;
    let mine = world.reserved(&[(1, 4)]).await;
    // The owner's own command stands in the same batch, so a predicate over the batch's merchants would let it through.
    let batch = vec![world.release_as(other, held.reservation_id), world.release(mine.reservation_id)];
    let verdicts = world.batch(batch).await.unwrap();
    assert_eq!(refused(&verdicts[0]).reason, Reason::ReservationNotFound);
    done(&verdicts[1]);
    assert_eq!(world.counters(0).await.reserved, 4);
    assert_eq!(world.counters(1).await.reserved, 0);

    // The same with a SKU of another merchant.
    let theirs = world.sku(other, true).await;
    let mut foreign = world.reserve(&[(0, 1)]);
    if let inventory::commands::StockCommand::Create(create) = &mut foreign {
        create.lines[0].sku_id = theirs;
    }
    let verdicts = world.batch(vec![foreign, world.reserve(&[(0, 1)])]).await.unwrap();
    assert_eq!(refused(&verdicts[0]).reason, Reason::SkuNotFound);
    done(&verdicts[1]);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_releases_and_an_expiry_of_one_reservation_in_one_batch_give_its_stock_back_once() {
    let world = world().await;
    world.done(world.receive(&[(0, 10), (1, 10)])).await;
    let held = world.reserved(&[(0, 4), (1, 3)]).await;
    let other = world.reserved(&[(0, 5)]).await;
    let id = held.reservation_id;
    let batch =
        vec![world.release(id), world.release(id), world.expire(id), world.expire(other.reservation_id)];
    let verdicts = world.batch(batch).await.unwrap();
    let (first, no_op) = reservation(done(&verdicts[0]));
    assert_eq!((first.state, no_op), (State::Released, false));
    let (second, no_op) = reservation(done(&verdicts[1]));
    assert_eq!((second.state, no_op), (State::Released, true));
    assert_eq!(replayed(&verdicts[2]), Changed::Expired(false));
    assert_eq!(replayed(&verdicts[3]), Changed::Expired(false), "it has time left");
    assert_eq!((world.counters(0).await.reserved, world.counters(1).await.reserved), (5, 0));
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_used_before_answers_what_stands_now_and_does_nothing() {
    let world = world().await;
    let first = Arc::new(world.receive_under(named_key("first"), &[(0, 5)]));
    world.batch_of(&[Arc::clone(&first)], Locking::Wait).await.unwrap();
    world.done(world.receive(&[(0, 2)])).await;
    let before = world.footprint().await;

    // Another request with the same key and body, beside the very same request run again.
    let twin = Arc::new(world.receive_under(named_key("first"), &[(0, 5)]));
    let verdicts = world.batch_of(&[twin], Locking::Wait).await.unwrap();
    assert_eq!(levels(replayed(&verdicts[0]))[0].counters.on_hand, 7);
    let verdicts = world.batch_of(&[first], Locking::Wait).await.unwrap();
    assert_eq!(levels(done(&verdicts[0]))[0].counters.on_hand, 7, "its own success, found again");
    let verdicts = world.batch(vec![world.receive_under(named_key("first"), &[(0, 6)])]).await.unwrap();
    assert_eq!(refused(&verdicts[0]).reason, Reason::IdempotencyKeyReused);
    assert_eq!(world.footprint().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_and_untracked_skus_are_all_named_and_poison_nobody_else() {
    let world = world().await;
    let postage = world.sku(world.merchant, false).await;
    let nowhere = SkuId::mint(world.clock.wall());
    let with = |sku| {
        let mut command = world.receive(&[(0, 1), (1, 1)]);
        if let inventory::commands::StockCommand::Receive(receive) = &mut command {
            receive.lines[1].sku_id = sku;
        }
        command
    };
    let verdicts = world.batch(vec![with(nowhere), with(postage), world.receive(&[(0, 3)])]).await.unwrap();
    let refusal = refused(&verdicts[0]);
    assert_eq!(refusal.reason, Reason::SkuNotFound);
    assert_eq!(refusal.metadata["sku_ids"], nowhere.to_string());
    let refusal = refused(&verdicts[1]);
    assert_eq!(refusal.reason, Reason::SkuNotTracked);
    assert_eq!(refusal.metadata["sku_ids"], postage.to_string());
    done(&verdicts[2]);
    assert_eq!(world.counters(0).await.on_hand, 3);
    world.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adjustment_needs_stock_that_was_received_and_a_reservation_one_that_exists() {
    let world = world().await;
    let verdicts = world
        .batch(vec![world.adjust(0, 5, true), world.release(ReservationId::mint(world.clock.wall()))])
        .await
        .unwrap();
    assert_eq!(refused(&verdicts[0]).reason, Reason::StockNotFound);
    assert_eq!(refused(&verdicts[1]).reason, Reason::ReservationNotFound);
    assert!(verdicts.iter().all(|verdict| matches!(verdict, Verdict::Refused(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forced_loss_records_the_shortfall_and_receipts_and_releases_end_it() {
    let world = world().await;
    world.done(world.receive(&[(0, 10)])).await;
    let held = world.reserved(&[(0, 8)]).await;
    let verdicts = world.batch(vec![world.adjust(0, -5, false)]).await.unwrap();
    assert_eq!(
        (refused(&verdicts[0]).shortage[0].wanted, refused(&verdicts[0]).shortage[0].available),
        (5, 2)
    );
    world.done(world.adjust(0, -5, true)).await;
    assert_eq!(world.counters(0).await.shortfall, 3);
    world.assert_sound().await;
    world.done(world.receive(&[(0, 1)])).await;
    assert_eq!(world.counters(0).await.shortfall, 2);
    let verdicts = world.batch(vec![world.adjust(0, -7, true)]).await.unwrap();
    assert_eq!(refused(&verdicts[0]).reason, Reason::InsufficientStock, "never below zero");
    world.done(world.release(held.reservation_id)).await;
    assert_eq!(world.counters(0).await.shortfall, 0);
    world.assert_sound().await;
}
