//! Commands that meet in ONE transaction: each sees the rows as the one before it left them.

use std::sync::Arc;

use kernel::id::PaymentId;
use kernel::{Currency, Money, Reason};
use payment::capture::Limits;
use payment::capture::apply::{Applied, Apply, ApplyOutcome};
use payment::capture::begin::{Begin, BeginCapture, Begun};
use payment::domain::attempt::Attempt;
use payment::domain::evidence::Evidence;
use platform::group_commit::{Kind, Verdict};

use crate::support::orders::TestOrders;
use crate::support::{AMOUNT, Opened, World, request};

fn begin(opened: Opened, key: &str) -> Arc<Begin> {
    Arc::new(Begin::new(request(opened, key)))
}

async fn run_begin(world: &World, batch: &[Arc<Begin>]) -> Vec<Verdict<Begun>> {
    let kind = BeginCapture::new(Arc::new(TestOrders), Limits::default());
    let tx = world.begin().await;
    let verdicts = kind.run(&tx, world.clock.now(), batch).await.unwrap();
    tx.commit().await.unwrap();
    verdicts
}

async fn run_apply(world: &World, batch: &[Arc<Apply>]) -> Vec<Verdict<Applied>> {
    let kind = ApplyOutcome::new(Arc::new(TestOrders), "scripted");
    let tx = world.begin().await;
    let verdicts = kind.run(&tx, world.clock.now(), batch).await.unwrap();
    tx.commit().await.unwrap();
    verdicts
}

#[track_caller]
fn started(verdict: &Verdict<Begun>) -> Attempt {
    match verdict {
        Verdict::Done(Begun::Started(attempt)) => attempt.clone(),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn reason<V: std::fmt::Debug>(verdict: &Verdict<V>) -> Reason {
    match verdict {
        Verdict::Refused(refusal) => refusal.reason,
        other => panic!("{other:?}"),
    }
}

fn moved(attempt: &Attempt, reference: &str) -> Arc<Apply> {
    let amount = Money::new(Currency::parse("GBP").unwrap(), AMOUNT);
    let evidence = Evidence::Moved { reference: reference.to_owned(), amount };
    Arc::new(Apply { attempt: attempt.clone(), evidence })
}

#[tokio::test]
async fn two_captures_of_one_payment_begin_once_and_the_second_keeps_its_key_free() {
    let world = World::new().await;
    let opened = world.open(world.merchant()).await;
    let verdicts = run_begin(&world, &[begin(opened, "a"), begin(opened, "b")]).await;
    started(&verdicts[0]);
    assert_eq!(reason(&verdicts[1]), Reason::OperationPending);
    assert_eq!(world.payment_row(opened.payment).await.2, AMOUNT);
    assert_eq!(world.operations(opened.payment).await.len(), 1);
    assert_eq!(world.count("SELECT count(*) FROM platform.idempotency").await, 1);
}

#[tokio::test]
async fn three_captures_of_one_payment_beside_others_begin_once() {
    let world = World::new().await;
    let (one, other) = (world.open(world.merchant()).await, world.open(world.merchant()).await);
    let batch = [begin(one, "a"), begin(other, "x"), begin(one, "b"), begin(one, "c")];
    let verdicts = run_begin(&world, &batch).await;
    assert_eq!(started(&verdicts[0]).payment_id, one.payment);
    assert_eq!(started(&verdicts[1]).payment_id, other.payment);
    for second in &verdicts[2..] {
        assert_eq!(reason(second), Reason::OperationPending);
    }
    assert_eq!(world.count("SELECT count(*) FROM payments.operations").await, 2);
    assert_eq!(world.count("SELECT sum(capture_pending)::bigint FROM payments.payments").await, 2 * AMOUNT);
}

#[tokio::test]
async fn anothers_payment_is_not_found_although_its_owner_is_in_the_batch() {
    let world = World::new().await;
    let (owner, thief) = (world.merchant(), world.merchant());
    let (owners, thiefs) = (world.open(owner).await, world.open(thief).await);
    let stolen = Opened { merchant: thief, ..owners };
    for batch in [
        [begin(stolen, "s1"), begin(thiefs, "t1"), begin(owners, "o1")],
        [begin(owners, "o2"), begin(thiefs, "t2"), begin(stolen, "s2")],
    ] {
        let verdicts = run_begin(&world, &batch).await;
        let refused: Vec<Reason> =
            verdicts.iter().filter(|verdict| matches!(verdict, Verdict::Refused(_))).map(reason).collect();
        assert!(refused.contains(&Reason::PaymentNotFound));
    }
    assert_eq!(world.count("SELECT count(*) FROM payments.operations").await, 2);
    let foreign = "SELECT count(*) FROM payments.operations o JOIN payments.payments p ON p.id = o.payment_id
                   WHERE p.merchant_id <> o.merchant_id";
    assert_eq!(world.count(foreign).await, 0);
}

#[tokio::test]
async fn a_batch_that_runs_again_finds_its_own_operations_and_writes_nothing() {
    let world = World::new().await;
    let opened = world.open(world.merchant()).await;
    let batch = [begin(opened, "a")];
    let first = started(&run_begin(&world, &batch).await[0]);
    let second = started(&run_begin(&world, &batch).await[0]);
    assert_eq!((first.operation_id, first.lease_token), (second.operation_id, second.lease_token));
    assert_eq!((first.amount, first.provider_key), (second.amount, second.provider_key));
    assert_eq!(world.payment_row(opened.payment).await.2, AMOUNT);
}

#[tokio::test]
async fn one_outcome_told_twice_in_a_batch_is_booked_once() {
    let world = World::new().await;
    let opened = world.open(world.merchant()).await;
    let attempt = started(&run_begin(&world, &[begin(opened, "a")]).await[0]);
    let outcome = moved(&attempt, "pi_1");
    let verdicts =
        run_apply(&world, &[Arc::clone(&outcome), Arc::clone(&outcome), Arc::clone(&outcome)]).await;
    assert!(matches!(verdicts[0], Verdict::Done(Applied::Succeeded(_))));
    for later in &verdicts[1..] {
        assert!(matches!(later, Verdict::Replayed(Applied::Already)));
    }
    let verdicts = run_apply(&world, &[outcome]).await;
    assert!(matches!(verdicts[0], Verdict::Replayed(Applied::Already)));
    assert_eq!(world.payment_row(opened.payment).await, ("CAPTURED".to_owned(), AMOUNT, 0, 0));
    assert_eq!(world.order_row(opened.order).await, (AMOUNT, 1, false));
}

#[tokio::test]
async fn two_operations_with_one_reference_in_a_batch_book_it_once() {
    let world = World::new().await;
    let merchant = world.merchant();
    let (one, two) = (world.open(merchant).await, world.open(merchant).await);
    let begun = run_begin(&world, &[begin(one, "a"), begin(two, "b")]).await;
    let batch = [moved(&started(&begun[0]), "pi_1"), moved(&started(&begun[1]), "pi_1")];
    let verdicts = run_apply(&world, &batch).await;
    assert!(matches!(verdicts[0], Verdict::Done(Applied::Succeeded(_))));
    assert!(
        matches!(&verdicts[1], Verdict::Done(Applied::Refused(refusal)) if refusal.reason == Reason::PaymentUnderReview)
    );
    assert_eq!(world.payment_row(two.payment).await, ("PENDING".to_owned(), 0, AMOUNT, 0));
}

#[tokio::test]
async fn outcomes_of_several_kinds_share_a_batch() {
    let world = World::new().await;
    let merchant = world.merchant();
    let mut opened = Vec::new();
    for _ in 0..4 {
        opened.push(world.open(merchant).await);
    }
    let begins: Vec<_> = opened.iter().zip(["a", "b", "c", "d"]).map(|(one, key)| begin(*one, key)).collect();
    let begun: Vec<Attempt> = run_begin(&world, &begins).await.iter().map(started).collect();
    let with = |place: usize, evidence| Arc::new(Apply { attempt: begun[place].clone(), evidence });
    let declined = Evidence::Declined {
        category: "expired_card".to_owned(),
        code: "54".to_owned(),
        reference: String::new(),
        advice: "OTHER_METHOD",
    };
    let not_sent = Evidence::NotExecuted { throttled: false, retry_after: None };
    let batch =
        [moved(&begun[0], "pi_1"), with(1, declined), with(2, Evidence::Ambiguous), with(3, not_sent)];
    run_apply(&world, &batch).await;
    let mut rows = Vec::new();
    for one in &opened {
        let (state, captured, pending, _) = world.payment_row(one.payment).await;
        rows.push((state, captured, pending, world.operations(one.payment).await[0].1.clone()));
    }
    let row = |state: &str, captured, pending, operation: &str| {
        (state.to_owned(), captured, pending, operation.to_owned())
    };
    assert_eq!(
        rows,
        [
            row("CAPTURED", AMOUNT, 0, "SUCCEEDED"),
            row("DECLINED", 0, 0, "FAILED"),
            row("PENDING", 0, AMOUNT, "UNKNOWN"),
            row("PENDING", 0, AMOUNT, "SUBMITTED"),
        ]
    );
    assert_eq!(world.count("SELECT count(*) FROM payments.in_flight").await, 2);
}

#[tokio::test]
async fn an_outcome_without_the_lease_changes_nothing() {
    let world = World::new().await;
    let opened = world.open(world.merchant()).await;
    let mut attempt = started(&run_begin(&world, &[begin(opened, "a")]).await[0]);
    attempt.lease_token = uuid::Uuid::new_v4();
    let stale = Arc::new(Apply { attempt, evidence: Evidence::Ambiguous });
    assert!(matches!(run_apply(&world, &[stale]).await[0], Verdict::Replayed(Applied::LostLease)));
    assert_eq!(world.operations(opened.payment).await[0].1, "SUBMITTED");
}

#[tokio::test]
async fn a_refusal_for_good_is_kept_and_a_missing_payment_frees_its_key_in_one_batch() {
    let world = World::new().await;
    let opened = world.open(world.merchant()).await;
    world.set_order(opened.order, "CANCELLED").await;
    let missing = Opened { payment: PaymentId::mint_beside(opened.payment), ..opened };
    let verdicts = run_begin(&world, &[begin(opened, "a"), begin(missing, "b")]).await;
    assert_eq!(reason(&verdicts[0]), Reason::PaymentStateInvalid);
    assert_eq!(reason(&verdicts[1]), Reason::PaymentNotFound);
    assert_eq!(world.count("SELECT count(*) FROM platform.idempotency WHERE outcome = 'REFUSED'").await, 1);
    assert_eq!(world.count("SELECT count(*) FROM platform.idempotency").await, 1);
}

#[tokio::test]
async fn what_is_locked_elsewhere_holds_up_nobody_else() {
    let world = World::new().await;
    let (locked, free) = (world.open(world.merchant()).await, world.open(world.merchant()).await);
    let holder = world.begin().await;
    payment::tx::lock_of_orders(&holder, &[(locked.merchant, locked.order)]).await.unwrap();
    let kind = BeginCapture::new(Arc::new(TestOrders), Limits::default());
    let tx = platform::db::Tx::new(world.database.write().await.unwrap(), platform::db::Locking::Skip);
    tx.begin().await.unwrap();
    let verdicts = kind.run(&tx, world.clock.now(), &[begin(locked, "a"), begin(free, "b")]).await.unwrap();
    tx.commit().await.unwrap();
    holder.rollback().await;
    assert!(matches!(verdicts[0], Verdict::Busy));
    started(&verdicts[1]);
    assert_eq!(world.count("SELECT count(*) FROM platform.idempotency").await, 1);
}
