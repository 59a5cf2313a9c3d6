#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;

fn order(state: State) -> Standing {
    let line = |line_no, quantity| OpenLine { line_no, quantity, shipped: 0 };
    Standing {
        state,
        seq: 2,
        total: 800,
        captured: 0,
        held_money: 0,
        in_flight: false,
        expires_at: (state == State::Pending).then_some(Timestamp::UNIX_EPOCH),
        lines: vec![line(1, 3), line(2, 5)],
        shipments: 0,
    }
}

fn ship(lines: &[(i32, i64)]) -> Action {
    Action::Ship { lines: lines.to_vec(), tracking_number: String::new(), carrier: String::new() }
}

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

#[test]
fn each_command_of_a_batch_sees_what_the_one_before_it_left() {
    let mut order = order(State::Confirmed);
    let moved = |from, to, seq| Effect::Moved { from, to, seq, reason: String::new() };
    assert_eq!(
        order.apply(&Action::StartProcessing, NOW).unwrap(),
        moved(State::Confirmed, State::Processing, 3)
    );
    assert_eq!(order.apply(&Action::StartProcessing, NOW).unwrap(), Effect::NoOp);
    assert_eq!(
        order.apply(&ship(&[]), NOW).unwrap(),
        Effect::Shipped {
            shipment_no: 1,
            lines: vec![(1, 3), (2, 5)],
            moved: Some((State::Processing, State::Shipped, 4))
        }
    );
    assert_eq!(order.apply(&Action::Deliver, NOW).unwrap(), moved(State::Shipped, State::Delivered, 5));
    assert_eq!(order.apply(&ship(&[]), NOW).unwrap_err().reason, Reason::IllegalTransition);
}

#[test]
fn parts_leave_until_nothing_is_open_and_never_more_than_that() {
    let mut order = order(State::Confirmed);
    let first = order.apply(&ship(&[(2, 4)]), NOW).unwrap();
    assert!(matches!(first, Effect::Shipped { moved: Some((State::Confirmed, State::Processing, 3)), .. }));
    assert_eq!(order.apply(&ship(&[(1, 1), (2, 2)]), NOW).unwrap_err().reason, Reason::QuantityExceedsOpen);
    assert_eq!(order.lines[0].shipped, 0, "a refused shipment ships nothing");
    let second = order.apply(&ship(&[(1, 1)]), NOW).unwrap();
    assert!(matches!(second, Effect::Shipped { shipment_no: 2, moved: None, .. }));
    let third = order.apply(&ship(&[]), NOW).unwrap();
    let Effect::Shipped { lines, moved, .. } = third else { panic!("{third:?}") };
    assert_eq!((lines, moved), (vec![(1, 2), (2, 1)], Some((State::Processing, State::Shipped, 4))));
    assert_eq!(order.apply(&ship(&[(9, 1)]), NOW).unwrap_err().reason, Reason::IllegalTransition);
}

#[test]
fn an_unknown_line_is_named() {
    let refusal = order(State::Confirmed).apply(&ship(&[(1, 1), (9, 1)]), NOW).unwrap_err();
    assert_eq!(refusal.violations[0].field, "lines[1].line_no");
}

#[test]
fn money_in_flight_captured_money_and_shipped_lines_stand_against_cancelling() {
    let cancel = Action::Cancel { reason: "changed their mind".into() };
    let in_flight = &mut Standing { in_flight: true, ..order(State::Pending) };
    assert_eq!(in_flight.apply(&cancel, NOW).unwrap_err().reason, Reason::OperationPending);
    assert_eq!(in_flight.apply(&Action::Expire, NOW).unwrap(), Effect::NoOp);
    let paid = &mut Standing { held_money: 1, ..order(State::Confirmed) };
    assert_eq!(paid.apply(&cancel, NOW).unwrap_err().reason, Reason::IllegalTransition);
    let begun = &mut Standing { shipments: 1, ..order(State::Processing) };
    assert_eq!(begun.apply(&cancel, NOW).unwrap_err().reason, Reason::IllegalTransition);
    let free = &mut order(State::Confirmed);
    assert!(matches!(free.apply(&cancel, NOW).unwrap(), Effect::Moved { to: State::Cancelled, .. }));
    assert_eq!(free.apply(&cancel, NOW).unwrap(), Effect::NoOp);
}

#[test]
fn only_an_overdue_unpaid_order_expires() {
    let mut early = Standing { expires_at: Some(NOW + time::Duration::SECOND), ..order(State::Pending) };
    assert_eq!(early.apply(&Action::Expire, NOW).unwrap(), Effect::NoOp);
    let mut due = order(State::Pending);
    let expected =
        Effect::Moved { from: State::Pending, to: State::Cancelled, seq: 3, reason: EXPIRED.into() };
    assert_eq!(due.apply(&Action::Expire, NOW).unwrap(), expected);
    assert_eq!(due.apply(&Action::Expire, NOW).unwrap(), Effect::NoOp);
    assert_eq!(order(State::Confirmed).apply(&Action::Expire, NOW).unwrap(), Effect::NoOp);
}
