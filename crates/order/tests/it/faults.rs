//! A guarded statement that touches nothing must never be acknowledged, and a COMMIT whose reply was lost is not done twice.

use std::collections::BTreeSet;

use fail::FailScenario;
use futures::future::join_all;
use kernel::id::OperationId;
use order::commands::place_order::PlaceOrder;
use order::commands::transition::{Transition, Transitions};
use order::domain::model::Address;
use order::money::OrderBook;
use payment::orders::{Orders, Settled};
use platform::db::{DbError, Locking, Tx};
use platform::group_commit::Kind;
use platform::sql::Sql;

use crate::support::{
    ACTOR, PLACING, World, cancel, key, money, order_of, placed, ship, start_processing, world,
};

/// Statements that claim or take rows and look at what comes back: touching none is one of their answers.
const ASKING: [&str; 9] = [
    "idempotency/claim_keys",
    "claims/claim_references",
    "claims/claim_tracking",
    "reclaim_holds",
    "take_holds",
    "take_hold_rows",
    "pin_holds",
    "unpin_holds",
    // Written by money methods only.
    "idempotency/finish_keys",
];

fn writing(statements: &[&'static Sql]) -> BTreeSet<&'static str> {
    let writes = |sql: &&&Sql| {
        sql.text
            .lines()
            .any(|line| ["INSERT INTO", "UPDATE ", "DELETE FROM"].iter().any(|verb| line.starts_with(verb)))
    };
    statements.iter().filter(writes).map(|sql| sql.name).filter(|name| !ASKING.contains(name)).collect()
}

/// With `statement` touching nothing, none of the commands is acknowledged, and nothing of them is in the database.
async fn nothing_is_placed(world: &World, statement: &str, commands: Vec<PlaceOrder>) {
    let before = world.footprint().await;
    let point = format!("zero_rows::{statement}");
    fail::cfg(&point, "return").unwrap();
    let outcome = world.place_batch(commands.clone()).await;
    assert!(matches!(outcome, Err(DbError::RowCount { .. })), "{statement}: {outcome:?}");
    // Through the lane it is a defect of each, however small the batch becomes, unless it works without the statement.
    let replies =
        join_all(commands.into_iter().take(1).map(|command| world.orders.place.submit(command, None))).await;
    fail::remove(&point);
    if !statement.contains("free_") {
        assert!(replies[0].is_err(), "{statement}: {replies:?}");
        assert_eq!(world.footprint().await, before, "{statement}");
    }
}

fn addressed(world: &World) -> PlaceOrder {
    let address = Address {
        recipient: "Ada".to_owned(),
        lines: vec!["1 Analytical Row".to_owned()],
        locality: "London".to_owned(),
        administrative_area: String::new(),
        postal_code: String::new(),
        country_code: "GB".to_owned(),
        phone: String::new(),
    };
    PlaceOrder { address: Some(address), ..world.order(&[(0, 1)]) }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_of_which_a_statement_wrote_nothing_is_not_acknowledged() {
    let scenario = FailScenario::setup();
    let world = world().await;
    world.receive(0, 100).await;
    let mut tested = BTreeSet::new();
    for statement in [
        "place_order/insert_orders",
        "place_order/insert_lines",
        "place_order/insert_addresses",
        "place_order/insert_expiry_queue",
        "transition/insert_history",
        "events/append_events",
        "insert_payments",
        "update_stock",
        "insert_holds",
        "insert_movements",
    ] {
        nothing_is_placed(&world, statement, vec![addressed(&world)]).await;
        tested.insert(statement);
    }
    nothing_is_placed(&world, "transition/insert_fulfilment_queue", vec![world.free_order(&[(0, 1)])]).await;
    tested.insert("transition/insert_fulfilment_queue");
    for statement in ["idempotency/free_keys", "claims/free_references"] {
        let refused = world.order_with_reference("R", &[(0, 1_000)]);
        nothing_is_placed(&world, statement, vec![refused, world.order(&[(0, 1)])]).await;
        tested.insert(statement);
    }
    // Belongs to transitions.
    let others = ["close_payments", "shrink_holds", "commit_holds"];
    let all = writing(&PLACING.statements());
    assert_eq!(all.into_iter().filter(|name| !others.contains(name)).collect::<BTreeSet<_>>(), tested);
    world.assert_sound().await;
    scenario.teardown();
}

async fn nothing_is_moved(world: &World, statement: &str, commands: Vec<Transition>) {
    let before = world.footprint().await;
    let point = format!("zero_rows::{statement}");
    fail::cfg(&point, "return").unwrap();
    let outcome = world.try_batch(commands.clone()).await;
    assert!(matches!(outcome, Err(DbError::RowCount { .. })), "{statement}: {outcome:?}");
    assert_eq!(world.footprint().await, before, "{statement}");
    if commands.len() == 1 {
        let reply = world.orders.transitions.submit(commands[0].clone(), None).await;
        assert!(reply.is_err(), "{statement}: {reply:?}");
        assert_eq!(world.footprint().await, before, "{statement}");
    }
    fail::remove(&point);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transition_of_which_a_statement_wrote_nothing_is_not_acknowledged() {
    let scenario = FailScenario::setup();
    let world = world().await;
    world.receive(0, 100).await;
    let [pending, confirmed] = [world.place(&[(0, 2)]).await.order_id, world.confirmed(&[(0, 2)]).await];
    let mut tested = BTreeSet::new();
    let whole: [(&str, Transition); 12] = [
        ("transition/update_orders", world.command(pending, cancel())),
        ("transition/insert_history", world.command(pending, cancel())),
        ("transition/delete_expiry_queue", world.command(pending, cancel())),
        ("close_payments", world.command(pending, cancel())),
        ("update_stock", world.command(pending, cancel())),
        ("insert_movements", world.command(pending, cancel())),
        ("events/append_events", world.command(confirmed, start_processing())),
        ("transition/delete_fulfilment_queue", world.command(confirmed, cancel())),
        ("transition/insert_shipments", world.command(confirmed, ship(&[], "T1"))),
        ("transition/insert_shipment_lines", world.command(confirmed, ship(&[(1, 1)], ""))),
        ("shrink_holds", world.command(confirmed, ship(&[(1, 1)], ""))),
        ("take_hold_rows", world.command(confirmed, ship(&[], ""))),
    ];
    for (statement, command) in whole {
        nothing_is_moved(&world, statement, vec![command]).await;
        tested.insert(statement);
    }
    for statement in ["idempotency/free_keys", "claims/free_tracking"] {
        let refused = world.command(pending, ship(&[], "T1"));
        nothing_is_moved(&world, statement, vec![refused, world.command(confirmed, start_processing())])
            .await;
        tested.insert(statement);
    }
    // Belongs to placement and to payments.
    let others = ["insert_holds", "insert_payments", "commit_holds", "transition/insert_fulfilment_queue"];
    tested.remove("take_hold_rows");
    let all = writing(&Transitions.statements());
    assert_eq!(all.into_iter().filter(|name| !others.contains(name)).collect::<BTreeSet<_>>(), tested);
    world.assert_sound().await;
    scenario.teardown();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_of_which_a_statement_wrote_nothing_fails_the_whole_transaction() {
    let scenario = FailScenario::setup();
    let world = world().await;
    world.receive(0, 100).await;
    let order = world.place(&[(0, 2)]).await.order_id;
    let settled = Settled {
        merchant_id: world.merchant,
        order_id: order,
        operation_id: OperationId::mint_beside(order),
        captured: 2_000,
        actor: ACTOR.to_owned(),
    };
    for statement in [
        "transition/update_orders",
        "transition/insert_history",
        "transition/delete_expiry_queue",
        "transition/insert_fulfilment_queue",
        "commit_holds",
        "events/append_events",
    ] {
        let point = format!("zero_rows::{statement}");
        fail::cfg(&point, "return").unwrap();
        let tx = Tx::new(world.db.write().await.unwrap(), Locking::Wait);
        tx.begin().await.unwrap();
        OrderBook.lock(&tx, &[(world.merchant, order)]).await.unwrap();
        let outcome = OrderBook.settled(&tx, world.clock.now(), std::slice::from_ref(&settled)).await;
        tx.rollback().await;
        fail::remove(&point);
        assert!(outcome.is_err(), "{statement}");
    }
    scenario.teardown();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_whose_commit_went_unheard_is_the_same_order() {
    for point in ["lost_after::commit", "lost_before::commit"] {
        let scenario = FailScenario::setup();
        let world = world().await;
        world.receive(0, 100).await;
        fail::cfg(point, "1*return").unwrap();
        let order = world.order_with_reference("R", &[(0, 1)]);
        let reply = world.orders.place.submit(order.clone(), None).await.unwrap();
        assert!(!reply.replayed);
        assert_eq!(order_of(&reply.value), order.order_id);
        assert_eq!(world.count("SELECT count(*) FROM orders.orders").await, 1);
        assert_eq!(world.stock(0).await.reserved, 1);

        // The same through the service: the payment is the first one's, too.
        fail::cfg(point, "1*return").unwrap();
        let request = world.place_request(&key(), &[(0, 1)]);
        let first = world.call_place(request.clone()).await.unwrap();
        let again = world.call_place(request).await.unwrap();
        assert_eq!((first.replayed, again.replayed), (false, true));
        assert_eq!((&first.order, &first.payment_id), (&again.order, &again.payment_id));
        assert_eq!(first.order.unwrap().total, Some(money(1_000)));
        assert_eq!(world.count("SELECT count(*) FROM orders.orders").await, 2);

        fail::cfg(point, "1*return").unwrap();
        let gone =
            world.orders.transitions.submit(world.command(order.order_id, cancel()), None).await.unwrap();
        assert!(!gone.replayed && !gone.value.no_op, "{point}: {gone:?}");
        assert_eq!(world.history(order.order_id).await.0.len(), 2);
        assert_eq!(world.stock(0).await.reserved, 1);
        world.assert_sound().await;
        scenario.teardown();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_whose_commit_went_unheard_gives_every_caller_its_own_answer() {
    let scenario = FailScenario::setup();
    let world = world().await;
    world.receive(0, 10).await;
    fail::cfg("lost_after::commit", "1*return").unwrap();
    let calls = (0..20).map(|_| world.orders.place.submit(world.order(&[(0, 1)]), None));
    let replies = join_all(calls).await;
    assert_eq!(replies.iter().filter(|reply| reply.is_ok()).count(), 10);
    assert_eq!(world.count("SELECT count(*) FROM platform.idempotency").await, 10);
    world.assert_sound().await;
    // Everybody who was refused may come again with the same key.
    world.receive(0, 1).await;
    placed(&world.place_batch(vec![world.order(&[(0, 1)])]).await.unwrap()[0]);
    scenario.teardown();
}
