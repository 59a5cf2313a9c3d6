#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

const ACTOR: &str = "system:test";

fn key(sku: u128) -> StockKey {
    StockKey {
        sku_id: SkuId::from_uuid(Uuid::from_u128(sku)),
        location: "main".into(),
        merchant_id: MerchantId::from_uuid(Uuid::from_u128(1)),
    }
}

fn owner(id: u128) -> Owner {
    Owner::Reservation(ReservationId::from_uuid(Uuid::from_u128(id)))
}

fn need(sku: u128, quantity: i64) -> Need {
    Need { key: key(sku), quantity }
}

fn row(on_hand: i64, reserved: i64, safety: i64) -> StockRow {
    StockRow { counters: Counters { on_hand, reserved, safety, shortfall: 0 }, seq: 7 }
}

fn fold(rows: &[(u128, StockRow)]) -> Fold {
    Fold::new(rows.iter().map(|(sku, row)| (key(*sku), *row)), [])
}

fn reserve(fold: &mut Fold, id: u128, needs: &[Need]) -> Result<(), Vec<Short>> {
    fold.reserve(owner(id), key(0).merchant_id, needs, None, ACTOR)
}

fn hold(id: u128, sku: u128, quantity: i64) -> Hold {
    Hold {
        owner: owner(id),
        merchant_id: key(sku).merchant_id,
        key: key(sku),
        quantity,
        expires_at: None,
        pinned: false,
    }
}

#[test]
fn three_commands_on_one_row_each_see_what_the_one_before_left() {
    let mut fold = fold(&[(1, row(10, 0, 0))]);
    assert_eq!(reserve(&mut fold, 1, &[need(1, 6)]), Ok(()));
    let short = Short { key: key(1), wanted: 6, available: 4 };
    assert_eq!(reserve(&mut fold, 2, &[need(1, 6)]), Err(vec![short]));
    assert_eq!(reserve(&mut fold, 3, &[need(1, 4)]), Ok(()));
    let changed: Vec<_> = fold.changed().collect();
    assert_eq!(changed.len(), 1, "one final row");
    assert_eq!((changed[0].1.seq, changed[0].2.reserved), (7, 10));
    assert_eq!(fold.movements().iter().map(|m| m.after.reserved).collect::<Vec<_>>(), [6, 10]);
}

#[test]
fn a_command_with_short_rows_changes_nothing_and_names_them_all() {
    let mut fold = fold(&[(1, row(10, 0, 0)), (2, row(3, 1, 0)), (3, row(5, 0, 4))]);
    let short = reserve(&mut fold, 1, &[need(1, 1), need(2, 3), need(3, 2), need(4, 1)]).unwrap_err();
    let told: Vec<_> = short.iter().map(|short| (short.wanted, short.available)).collect();
    assert_eq!(told, [(3, 2), (2, 1), (1, 0)]);
    assert_eq!(fold.changed().count() + fold.movements().len() + fold.new_holds().count(), 0);
}

#[test]
fn equal_keys_of_one_command_are_added_up_into_one_hold_and_one_movement() {
    let mut fold = fold(&[(1, row(10, 0, 0))]);
    let short = reserve(&mut fold, 1, &[need(1, 6), need(1, 6)]).unwrap_err();
    assert_eq!((short.len(), short[0].wanted), (1, 12));
    reserve(&mut fold, 1, &[need(1, 6), need(1, 4)]).unwrap();
    assert_eq!(fold.new_holds().map(|hold| hold.quantity).collect::<Vec<_>>(), [10]);
    assert_eq!(fold.movements().len(), 1);
}

#[test]
fn safety_stock_and_stock_promised_to_others_are_not_available() {
    let mut fold = fold(&[(1, row(10, 4, 3))]);
    assert_eq!(fold.available(&key(1)), 3);
    assert!(reserve(&mut fold, 1, &[need(1, 4)]).is_err());
    assert!(reserve(&mut fold, 1, &[need(1, 3)]).is_ok());
    assert_eq!(fold.available(&key(1)), 0);
}

#[test]
fn a_promise_on_a_row_that_is_not_locked_or_not_covered_is_torn() {
    let mut fold = fold(&[(1, row(10, 4, 0))]);
    assert_eq!(fold.release(&hold(1, 2, 1), Ended::Released, ACTOR), Err(Torn::NotLocked(key(2))));
    let torn = fold.release(&hold(1, 1, 5), Ended::Expired, ACTOR).unwrap_err();
    assert_eq!(torn, Torn::NotReserved { key: key(1), quantity: 5, reserved: 4 });
    assert_eq!(fold.changed().count(), 0);
}

#[test]
fn shipping_lowers_both_counters_and_releasing_only_the_reserved_one() {
    let mut fold = fold(&[(1, row(10, 6, 0))]);
    fold.ship(&hold(1, 1, 4), 3, ACTOR).unwrap();
    fold.release(&hold(2, 1, 2), Ended::Released, ACTOR).unwrap();
    let now = fold.counters(&key(1)).unwrap();
    assert_eq!((now.on_hand, now.reserved), (7, 1));
}

fn adjust(fold: &mut Fold, delta: i64, force: bool) -> Result<(), Adjusting> {
    fold.adjust(&Adjustment { key: key(1), on_hand_delta: delta, safety: None, force }, "count", ACTOR)
}

#[test]
fn an_adjustment_stops_at_what_is_promised_unless_it_is_forced() {
    let mut fold = fold(&[(1, row(10, 6, 0))]);
    let short = Short { key: key(1), wanted: 5, available: 4 };
    assert_eq!(adjust(&mut fold, -5, false), Err(Adjusting::Short(short)));
    assert_eq!(adjust(&mut fold, -4, false), Ok(()));
    assert_eq!(adjust(&mut fold, -2, true), Ok(()));
    let now = fold.counters(&key(1)).unwrap();
    assert_eq!((now.on_hand, now.shortfall, now.available()), (4, 2, 0));
    let short = Short { key: key(1), wanted: 5, available: 4 };
    assert_eq!(adjust(&mut fold, -5, true), Err(Adjusting::Short(short)), "never below zero");
    let missing = Adjustment { key: key(2), on_hand_delta: 1, safety: None, force: true };
    assert_eq!(fold.adjust(&missing, "", ACTOR), Err(Adjusting::Missing));
}

#[test]
fn a_shortfall_shrinks_with_receipts_and_ended_promises_and_never_comes_back() {
    let mut fold = fold(&[(1, row(10, 10, 0))]);
    adjust(&mut fold, -8, true).unwrap();
    assert_eq!(fold.counters(&key(1)).unwrap().shortfall, 8);
    fold.receive(&[need(1, 3)], "", ACTOR).unwrap();
    assert_eq!(fold.counters(&key(1)).unwrap().shortfall, 5);
    fold.release(&hold(1, 1, 4), Ended::Released, ACTOR).unwrap();
    assert_eq!(fold.counters(&key(1)).unwrap().shortfall, 1);
    assert_eq!(fold.unshippable(&[need(1, 6)])[0].available, 5);
    assert!(fold.ship(&hold(1, 1, 6), 6, ACTOR).is_err(), "what is not there cannot be shipped");
    fold.receive(&[need(1, 9)], "", ACTOR).unwrap();
    assert_eq!(fold.counters(&key(1)).unwrap().shortfall, 0);
}

#[test]
fn a_receipt_beyond_all_bounds_changes_nothing() {
    let mut fold = fold(&[(1, row(0, 0, 0)), (2, row(UNITS_MAX, 0, 0))]);
    let refused = fold.receive(&[need(1, 1), need(2, 1)], "", ACTOR);
    assert_eq!(refused, Err(Receiving::TooMuch(key(2))));
    assert_eq!(fold.changed().count(), 0);
}

#[test]
fn short_keys_are_those_that_all_needs_together_overdraw_and_that_have_promises() {
    let fold = fold(&[(1, row(10, 2, 0)), (2, row(10, 2, 0)), (3, row(1, 0, 0))]);
    let needs = [need(1, 4), need(1, 5), need(2, 8), need(3, 9), need(4, 1)];
    assert_eq!(fold.short_keys(&needs), [key(1)]);
}

#[derive(Clone, Debug)]
enum Step {
    Reserve(Vec<(u128, i64)>),
    End(usize, bool),
    Ship(usize),
    Receive(Vec<(u128, i64)>),
    Adjust(u128, i64, Option<i64>, bool),
}

fn step() -> impl Strategy<Value = Step> {
    let lines = || prop::collection::vec((1_u128..5, 1_i64..20), 1..4);
    prop_oneof![
        4 => lines().prop_map(Step::Reserve),
        2 => (any::<usize>(), any::<bool>()).prop_map(|(at, expired)| Step::End(at, expired)),
        1 => any::<usize>().prop_map(Step::Ship),
        2 => lines().prop_map(Step::Receive),
        2 => (1_u128..5, -30_i64..30, prop::option::of(0_i64..5), any::<bool>())
            .prop_map(|(sku, delta, safety, force)| Step::Adjust(sku, delta, safety, force)),
    ]
}

/// The fold beside a list of the open holds, as the database would have it.
struct Model {
    fold: Fold,
    open: Vec<Hold>,
    orders: u128,
}

impl Model {
    fn run(&mut self, step: Step) {
        match step {
            Step::Reserve(lines) => {
                let needs: Vec<Need> = lines.into_iter().map(|(sku, quantity)| need(sku, quantity)).collect();
                self.orders += 1;
                let before = self.fold.clone();
                let wanted = added(&needs);
                let fits = wanted.iter().all(|(key, wanted)| before.available(key) >= *wanted);
                let got = reserve(&mut self.fold, self.orders, &needs);
                assert_eq!(got.is_ok(), fits);
                let change: HashMap<_, _> = wanted
                    .keys()
                    .map(|key| (key.clone(), reserved(&self.fold, key) - reserved(&before, key)))
                    .collect();
                assert_eq!(
                    change,
                    wanted
                        .iter()
                        .map(|(key, wanted)| (key.clone(), if fits { *wanted } else { 0 }))
                        .collect(),
                    "all or nothing"
                );
                let mine = owner(self.orders);
                self.open.extend(self.fold.new_holds().filter(|hold| hold.owner == mine).cloned());
            }
            Step::End(at, expired) if !self.open.is_empty() => {
                let hold = self.open.swap_remove(at % self.open.len());
                let ended = if expired { Ended::Expired } else { Ended::Released };
                self.fold.release(&hold, ended, ACTOR).unwrap();
            }
            Step::Ship(at) if !self.open.is_empty() => {
                let at = at % self.open.len();
                let part = Need { key: self.open[at].key.clone(), quantity: self.open[at].quantity };
                if self.fold.unshippable(&[part]).is_empty() {
                    let hold = self.open.swap_remove(at);
                    self.fold.ship(&hold, hold.quantity, ACTOR).unwrap();
                }
            }
            Step::End(..) | Step::Ship(_) => {}
            Step::Receive(lines) => {
                let lines: Vec<Need> = lines.into_iter().map(|(sku, quantity)| need(sku, quantity)).collect();
                let known = lines.iter().all(|line| self.fold.counters(&line.key).is_some());
                assert_eq!(self.fold.receive(&lines, "", ACTOR).is_ok(), known);
            }
            Step::Adjust(sku, on_hand_delta, safety, force) => {
                let adjustment = Adjustment { key: key(sku), on_hand_delta, safety, force };
                let before = self.fold.clone();
                if self.fold.adjust(&adjustment, "count", ACTOR).is_err() {
                    assert_eq!(self.fold.counters(&key(sku)), before.counters(&key(sku)));
                }
            }
        }
    }
}

fn added(needs: &[Need]) -> HashMap<StockKey, i64> {
    let mut sums = HashMap::new();
    for need in needs {
        *sums.entry(need.key.clone()).or_default() += need.quantity;
    }
    sums
}

fn reserved(fold: &Fold, key: &StockKey) -> i64 {
    fold.counters(key).map_or(0, |row| row.reserved)
}

proptest! {
    #[test]
    fn nothing_is_oversold_and_counters_move_exactly_by_their_movements(
        stock in prop::collection::vec(0_i64..40, 3),
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let rows: Vec<_> = (1_u128..).zip(&stock).map(|(sku, on_hand)| (sku, row(*on_hand, 0, 0))).collect();
        let mut model = Model { fold: fold(&rows), open: Vec::new(), orders: 0 };
        for step in steps {
            model.run(step);
            for (sku, before) in &rows {
                let now = model.fold.counters(&key(*sku)).unwrap();
                prop_assert!(now.on_hand >= 0 && now.reserved >= 0 && now.safety >= 0 && now.shortfall >= 0);
                prop_assert!(now.reserved <= now.on_hand + now.shortfall, "oversold: {now:?}");
                prop_assert_eq!(now.shortfall, (now.reserved - now.on_hand).max(0), "shortfall outlived its cause");
                let open: i64 = model.open.iter().filter(|hold| hold.key == key(*sku)).map(|hold| hold.quantity).sum();
                prop_assert_eq!(now.reserved, open, "reserved is the sum of the holds");
                let moved = |delta: fn(&Movement) -> i64| -> i64 {
                    model.fold.movements().iter().filter(|m| m.key == key(*sku)).map(delta).sum()
                };
                prop_assert_eq!(now.on_hand - before.counters.on_hand, moved(|m| m.on_hand_delta));
                prop_assert_eq!(now.reserved, moved(|m| m.reserved_delta));
                let last = model.fold.movements().iter().rfind(|m| m.key == key(*sku)).map(|m| (m.after.on_hand, m.after.reserved));
                prop_assert!(last.is_none_or(|after| after == (now.on_hand, now.reserved)));
            }
        }
    }
}
