//! What became of the commands of a batch.

use std::fmt::Debug;
use std::sync::Arc;

use kernel::Refusal;
use order::commands::place_order::Placed;
use order::commands::transition::Outcome;
use order::domain::model::Order;
use platform::group_commit::Verdict;

pub type Verdicts<V> = Vec<Verdict<V>>;

#[track_caller]
pub fn done<V: Clone + Debug>(verdict: &Verdict<V>) -> V {
    match verdict {
        Verdict::Done(value) => value.clone(),
        other => panic!("not done: {other:?}"),
    }
}

/// Done by an earlier run of the same command.
#[track_caller]
pub fn done_before<V: Clone + Debug>(verdict: &Verdict<V>) -> V {
    match verdict {
        Verdict::DoneBefore(value) => value.clone(),
        other => panic!("not done before: {other:?}"),
    }
}

#[track_caller]
pub fn refused<V: Debug>(verdict: &Verdict<V>) -> Refusal {
    match verdict {
        Verdict::Refused(refusal) => refusal.clone(),
        other => panic!("not refused: {other:?}"),
    }
}

#[track_caller]
pub fn busy<V: Debug>(verdict: &Verdict<V>) {
    assert!(matches!(verdict, Verdict::Busy), "not busy: {verdict:?}");
}

#[track_caller]
pub fn placed(verdict: &Verdict<Placed>) -> Arc<Order> {
    match done(verdict) {
        Placed::Now { order, .. } => order,
        other @ Placed::Before(_) => panic!("placed before: {other:?}"),
    }
}

#[track_caller]
pub fn moved(verdict: &Verdict<Outcome>) {
    assert_eq!(done(verdict), Outcome { no_op: false });
}

#[track_caller]
pub fn no_op(verdict: &Verdict<Outcome>) {
    assert_eq!(done(verdict), Outcome { no_op: true });
}
