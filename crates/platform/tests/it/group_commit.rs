//! Group commit against a real Postgres, with a kind of command that adds to counters.

use std::sync::Arc;

use futures::future::join_all;
use kernel::{Clock, MerchantId, Reason, Timestamp};
use platform::db::{LockClass, Locking, Tx};
use platform::group_commit::{GroupCommit, Limits};
use testkit::TestDatabase;
use tokio::time::Instant;

mod counters;

use counters::{Add, Shop, key};

#[tokio::test]
async fn one_key_sent_fifty_times_at_once_is_done_once_and_answered_alike() {
    let shop = Shop::open().await;
    let adds = (0..50).map(|_| shop.lanes.submit(shop.add("a", 1).with_key(&key(1)), None));
    let replies: Vec<_> = join_all(adds).await.into_iter().map(Result::unwrap).collect();
    assert!(replies.iter().all(|reply| reply.value == replies[0].value));
    assert_eq!(replies.iter().filter(|reply| reply.replayed).count(), 49);
    assert_eq!(shop.total("a").await, 1);
}

#[tokio::test]
async fn a_key_that_named_another_request_is_refused_at_once_and_later() {
    let shop = Shop::open().await;
    let first = shop.lanes.submit(shop.add("a", 1).with_key(&key(1)), None);
    let second = shop.lanes.submit(shop.add("a", 2).with_key(&key(1)), None);
    let (first, second) = futures::future::join(first, second).await;
    assert!(first.is_ok());
    assert_eq!(second.unwrap_err().reason, Reason::IdempotencyKeyReused);
    let third = shop.lanes.submit(shop.add("b", 1).with_key(&key(1)), None).await;
    assert_eq!(third.unwrap_err().reason, Reason::IdempotencyKeyReused);
    assert_eq!((shop.total("a").await, shop.total("b").await), (1, 0));
}

#[tokio::test]
async fn a_refused_command_leaves_its_key_free_while_the_rest_of_its_batch_commits() {
    let shop = Shop::open().await;
    let refused = shop.lanes.submit(shop.add("refuse", 1).with_key(&key(1)), None);
    let kept = shop.lanes.submit(shop.add("a", 1).with_key(&key(2)), None);
    let (refused, kept) = futures::future::join(refused, kept).await;
    assert_eq!(refused.unwrap_err().reason, Reason::InsufficientStock);
    assert!(kept.is_ok());
    let again = shop.lanes.submit(shop.add("a", 5).with_key(&key(1)), None).await.unwrap();
    assert!(!again.replayed);
    assert_eq!(shop.total("a").await, 6);
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_and_what_must_not_be_refused_is_taken() {
    let shop = Shop::with_limits(Limits { queued_lines: 0, ..Limits::default() }).await;
    let refusal = shop.lanes.submit(shop.add("a", 1), None).await.unwrap_err();
    assert_eq!(refusal.reason, Reason::Overloaded);
    assert!(refusal.retry_after_ms.is_some());
    shop.lanes.submit_always(shop.add("a", 2)).await.unwrap();
    let permit = shop.lanes.reserve().unwrap();
    shop.lanes.submit_reserved(permit, shop.add("a", 4)).await.unwrap();
    assert_eq!(shop.total("a").await, 6);
}

#[tokio::test]
async fn a_caller_whose_deadline_passed_before_the_batch_began_is_dropped_from_it() {
    let shop = Shop::open().await;
    let late = shop.lanes.submit(shop.add("a", 1), Some(Instant::now())).await;
    assert_eq!(late.unwrap_err().reason, Reason::DeadlineExceeded);
    shop.lanes.submit(shop.add("a", 2), None).await.unwrap();
    assert_eq!(shop.total("a").await, 2);
}

#[tokio::test]
async fn a_caller_that_hangs_up_does_not_tear_its_transaction() {
    let shop = Shop::open().await;
    let hung_up = shop.lanes.submit(shop.add("a", 1).with_key(&key(1)), None);
    // Polled once, so that the command is in its lane, and then dropped.
    assert!(futures::FutureExt::now_or_never(hung_up).is_none());
    shop.lanes.drain().await;
    assert_eq!(shop.total("a").await, 1);
}

#[tokio::test]
async fn a_defect_refuses_its_own_command_alone() {
    let shop = Shop::open().await;
    let mut adds: Vec<_> = (0..16).map(|_| shop.add("a", 1)).collect();
    adds[11] = shop.add("defect", 1);
    let replies = join_all(adds.into_iter().map(|add| shop.lanes.submit(add, None))).await;
    for (place, reply) in replies.iter().enumerate() {
        match reply {
            Err(refusal) => assert_eq!((place, refusal.reason), (11, Reason::Internal)),
            Ok(_) => assert_ne!(place, 11),
        }
    }
    assert_eq!(shop.total("a").await, 15);
}

#[tokio::test]
async fn a_command_whose_code_panics_is_refused_alone_and_the_lane_goes_on() {
    let shop = Shop::open().await;
    let mut adds: Vec<_> = (0..8).map(|_| shop.add("a", 1)).collect();
    adds[3] = shop.add("panic", 1);
    let replies = join_all(adds.into_iter().map(|add| shop.lanes.submit(add, None))).await;
    let refused: Vec<_> = replies.iter().filter_map(|reply| reply.as_ref().err()).collect();
    assert_eq!(refused.iter().map(|refusal| refusal.reason).collect::<Vec<_>>(), [Reason::Internal]);
    shop.lanes.submit(shop.add("a", 1), None).await.unwrap();
    assert_eq!(shop.total("a").await, 8);
}

#[tokio::test]
async fn a_violated_constraint_answers_with_the_word_of_its_domain() {
    let shop = Shop::open().await;
    let refusal = shop.lanes.submit(shop.add("negative", -1), None).await.unwrap_err();
    assert_eq!(refusal.reason, Reason::InsufficientStock);
}

#[tokio::test]
async fn a_guard_that_hits_no_row_is_never_acknowledged() {
    let shop = Shop::open().await;
    let _scenario = fail::FailScenario::setup();
    fail::cfg("zero_rows::add_to_counters", "return").unwrap();
    let refusal = shop.lanes.submit(shop.add("a", 1).with_key(&key(1)), None).await.unwrap_err();
    assert_eq!(refusal.reason, Reason::Internal);
    fail::remove("zero_rows::add_to_counters");
    assert_eq!(shop.total("a").await, 0);
    assert!(!shop.lanes.submit(shop.add("a", 1).with_key(&key(1)), None).await.unwrap().replayed);
}

#[tokio::test]
async fn a_commit_whose_reply_is_lost_is_found_by_the_second_run_and_counts_once() {
    let shop = Shop::open().await;
    let _scenario = fail::FailScenario::setup();
    for (point, number) in [("lost_after::commit", 1), ("lost_before::commit", 2)] {
        fail::cfg(point, "1*return").unwrap();
        let reply = shop.lanes.submit(shop.add("a", 1).with_key(&key(number)), None).await.unwrap();
        assert!(!reply.replayed, "{point}: a request's own success is no replay");
        assert_eq!(shop.total("a").await, i64::from(number), "{point}");
    }
}

#[tokio::test]
async fn a_key_held_elsewhere_delays_its_own_command_only() {
    let shop = Shop::open().await;
    let holder = shop.hold_key(&key(1)).await;
    let blocked = tokio::spawn({
        let (lanes, add) = (shop.lanes.clone(), shop.add("a", 1).with_key(&key(1)));
        async move { lanes.submit(add, None).await }
    });
    let others = (2..10).map(|n| shop.lanes.submit(shop.add("b", 1).with_key(&key(n)), None));
    assert!(join_all(others).await.into_iter().all(|reply| reply.is_ok()));
    assert_eq!(shop.total("b").await, 8);
    assert!(!blocked.is_finished());
    holder.batch_execute("ROLLBACK").await.unwrap();
    assert!(!blocked.await.unwrap().unwrap().replayed);
    assert_eq!(shop.total("a").await, 1);
}

#[tokio::test]
async fn a_key_held_elsewhere_for_long_is_in_progress() {
    let shop = Shop::open().await;
    let holder = shop.hold_key(&key(1)).await;
    let refusal = shop.lanes.submit(shop.add("a", 1).with_key(&key(1)), None).await.unwrap_err();
    assert_eq!(refusal.reason, Reason::IdempotencyInProgress);
    assert!(refusal.retry_after_ms.is_some());
    holder.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(shop.total("a").await, 0);
}

#[tokio::test]
async fn a_row_locked_elsewhere_delays_its_own_commands_only() {
    let shop = Shop::open().await;
    let holder = shop.database.client().await;
    holder.batch_execute("BEGIN; SELECT FROM counters WHERE name = 'a' FOR UPDATE").await.unwrap();
    let blocked = tokio::spawn({
        let (lanes, add) = (shop.lanes.clone(), shop.add("a", 1));
        async move { lanes.submit(add, None).await }
    });
    shop.lanes.submit(shop.add("b", 1), None).await.unwrap();
    assert!(!blocked.is_finished());
    holder.batch_execute("ROLLBACK").await.unwrap();
    blocked.await.unwrap().unwrap();
    assert_eq!((shop.total("a").await, shop.total("b").await), (1, 1));
}

#[tokio::test]
async fn a_terminated_connection_is_replaced_and_the_batch_runs_again() {
    let shop = Shop::open().await;
    shop.lanes.submit(shop.add("a", 1), None).await.unwrap();
    let admin = shop.database.client().await;
    let terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'purser write'";
    admin.execute(terminate, &[]).await.unwrap();
    shop.lanes.submit(shop.add("a", 1), None).await.unwrap();
    assert_eq!(shop.total("a").await, 2);
}

#[tokio::test]
async fn a_month_without_partitions_is_made_when_it_is_first_written_to() {
    let shop = Shop::open().await;
    let admin = shop.database.client().await;
    let month: String =
        admin.query_one("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')", &[]).await.unwrap().get(0);
    admin.batch_execute(&format!("DROP TABLE platform.events_{month}")).await.unwrap();
    shop.lanes.submit(shop.add("event", 1), None).await.unwrap();
    let events: i64 = admin.query_one("SELECT count(*) FROM platform.events", &[]).await.unwrap().get(0);
    assert_eq!(events, 1);
}

#[tokio::test]
async fn draining_waits_for_what_was_accepted_and_for_every_permit() {
    let shop = Shop::open().await;
    let permit = shop.lanes.reserve().unwrap();
    let mut draining = Box::pin({
        let lanes = shop.lanes.clone();
        async move { lanes.drain().await }
    });
    assert!(futures::FutureExt::now_or_never(&mut draining).is_none());
    let refusal = shop.lanes.submit(shop.add("a", 1), None).await.unwrap_err();
    assert_eq!(refusal.reason, Reason::Unavailable, "nothing new is taken");
    shop.lanes.submit_reserved(permit, shop.add("a", 2)).await.unwrap();
    draining.await;
    assert_eq!(shop.total("a").await, 2);
}

#[tokio::test]
async fn permits_run_out_before_memory_does() {
    let shop = Shop::with_limits(Limits { permits: 1, ..Limits::default() }).await;
    let held = shop.lanes.reserve().unwrap();
    assert_eq!(shop.lanes.reserve().unwrap_err().reason, Reason::Overloaded);
    drop(held);
    assert!(shop.lanes.reserve().is_ok());
}

#[tokio::test]
async fn a_heavy_command_does_not_hold_up_light_ones() {
    let shop = Shop::with_limits(Limits { heavy_lines: 10, ..Limits::default() }).await;
    let holder = shop.database.client().await;
    holder.batch_execute("BEGIN; SELECT FROM counters WHERE name = 'a' FOR UPDATE").await.unwrap();
    let heavy = tokio::spawn({
        let (lanes, add) = (shop.lanes.clone(), Add { lines: 11, ..shop.add("a", 1) });
        async move { lanes.submit(add, None).await }
    });
    shop.lanes.submit(shop.add("b", 1), None).await.unwrap();
    assert!(!heavy.is_finished());
    holder.batch_execute("ROLLBACK").await.unwrap();
    heavy.await.unwrap().unwrap();
}

#[tokio::test]
async fn locks_against_the_global_order_are_refused() {
    let shop = Shop::open().await;
    let tx = Tx::new(shop.pools.write().await.unwrap(), Locking::Wait);
    tx.reach(LockClass::Orders, "orders").unwrap();
    tx.reach(LockClass::Stock, "stock").unwrap();
    assert!(tx.reach(LockClass::Payments, "payments").is_err());
}

#[tokio::test]
async fn two_processes_share_a_key_and_the_work_is_done_once() {
    let shop = Shop::open().await;
    let other = shop.another_process();
    let adds = (0..20).map(|n| {
        let lanes = if n % 2 == 0 { &shop.lanes } else { &other };
        lanes.submit(shop.add("a", 1).with_key(&key(1)), None)
    });
    let replies: Vec<_> = join_all(adds).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(replies.iter().filter(|reply| !reply.replayed).count(), 1);
    assert_eq!(shop.total("a").await, 1);
}
