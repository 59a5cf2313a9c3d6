//! Commands whose keys were used before: decided without a look at any payment.

use std::sync::Arc;

use kernel::Id;
use platform::db::{DbError, Tx};
use platform::group_commit::Verdict;
use platform::idempotency::{Claimed, Earlier, Outcome};
use uuid::Uuid;

use super::scene::Step;
use super::{Begin, Begun};
use crate::store::operations::{self, OperationKey};

/// The commands whose keys were used before; `None` for the fresh ones.
pub(super) async fn earlier(
    tx: &Tx,
    batch: &[Arc<Begin>],
    claimed: &[Claimed],
) -> Result<Vec<Option<Step>>, DbError> {
    let mine: Vec<(OperationKey, Uuid)> = batch
        .iter()
        .zip(claimed)
        .filter(|(_, claimed)| matches!(claimed, Claimed::Mine(_)))
        .map(|(command, _)| (command.operation_key(), command.lease_token))
        .collect();
    let begun = operations::begun(tx, &mine).await?;
    let step = |(command, claimed): (&Arc<Begin>, &Claimed)| match claimed {
        Claimed::Fresh => None,
        Claimed::Busy => Some(Step::Earlier(Verdict::Busy)),
        Claimed::Reused(refusal) => Some(Step::Earlier(Verdict::Refused(refusal.clone()))),
        Claimed::Repeated(earlier) => Some(Step::Earlier(repeated(earlier))),
        // This very request, in a run whose COMMIT went through unheard: nothing is written again.
        Claimed::Mine(earlier) => {
            Some(Step::Earlier(match (&earlier.outcome, begun.get(&command.operation_key())) {
                (Outcome::Open, Some(attempt)) => Verdict::Done(Begun::Started(attempt.clone())),
                (Outcome::Refused(refusal), _) => Verdict::Refused((**refusal).clone()),
                (Outcome::Open | Outcome::Done, _) => Verdict::Done(Begun::Done(command.operation_id())),
            }))
        }
    };
    Ok(batch.iter().zip(claimed).map(step).collect())
}

fn repeated(earlier: &Earlier) -> Verdict<Begun> {
    let operation = Id::from_uuid(earlier.resource_id);
    match &earlier.outcome {
        Outcome::Open => Verdict::Replayed(Begun::Open(operation)),
        Outcome::Done => Verdict::Replayed(Begun::Done(operation)),
        Outcome::Refused(refusal) => Verdict::Refused((**refusal).clone().replayed()),
    }
}
