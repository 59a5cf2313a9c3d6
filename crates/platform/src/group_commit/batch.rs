//! One batch: one transaction, and what is measured of it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::{FutureExt, future};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram};
use tokio::time::Instant;
use tracing::Span;

use super::queue::Job;
use super::submit::Shared;
use super::{Kind, Verdict};
use crate::db::{DbError, Locking, Tx};

impl<K: Kind> Shared<K> {
    /// Runs commands as one transaction: BEGIN travels with the first statements, COMMIT goes out once every row count was
    /// read and found right. A batch that changed nothing is rolled back, which costs no flush of the log.
    pub async fn transact(
        &self,
        commands: &[Arc<K::Command>],
        locking: Locking,
    ) -> Result<Vec<Verdict<K::Value>>, DbError> {
        let began = Instant::now();
        // A panic is a defect of one command like any other: it must not end the lane, and with it everybody's orders.
        let run = AssertUnwindSafe(self.run(commands, locking)).catch_unwind();
        let result = run.await.unwrap_or(Err(DbError::Panicked));
        self.metrics.batch(commands.len(), began.elapsed());
        result
    }

    async fn run(
        &self,
        commands: &[Arc<K::Command>],
        locking: Locking,
    ) -> Result<Vec<Verdict<K::Value>>, DbError> {
        let tx = Tx::new(self.database.write().await?, locking);
        tx.prepare(&self.kind.statements()).await?;
        // In this order: BEGIN is on the wire before the first statement of the kind.
        let (begun, result) = future::join(tx.begin(), self.kind.run(&tx, self.clock.now(), commands)).await;
        match begun.and(result) {
            Ok(verdicts) if verdicts.iter().any(|verdict| matches!(verdict, Verdict::Done(_))) => {
                tx.commit().await?;
                Ok(verdicts)
            }
            Ok(verdicts) if self.kind.stores_refusals() => {
                tx.commit().await?;
                Ok(verdicts)
            }
            Ok(verdicts) => {
                tx.rollback().await;
                Ok(verdicts)
            }
            Err(error) => {
                tx.rollback().await;
                Err(error)
            }
        }
    }
}

/// The span of a batch: a part of its first caller's call, and a successor of the others' calls, so that a call that had
/// company finds it too.
pub(super) fn span<K: Kind>(jobs: &[Job<K>]) -> Span {
    let first = jobs.first().map_or_else(Span::none, |job| job.span.clone());
    let span = tracing::info_span!(parent: &first, "batch", kind = K::NAME, commands = jobs.len());
    for job in jobs.iter().skip(1) {
        span.follows_from(&job.span);
    }
    span
}

/// What is measured of every batch.
pub(super) struct Metrics {
    kind: KeyValue,
    size: Histogram<u64>,
    duration: Histogram<f64>,
    troubles: Counter<u64>,
    defects: Counter<u64>,
}

impl Metrics {
    pub fn new(kind: &'static str) -> Self {
        let meter = opentelemetry::global::meter("purser");
        Self {
            kind: KeyValue::new("kind", kind),
            size: meter
                .u64_histogram("purser.batch.commands")
                .with_description("commands that shared one transaction")
                .with_boundaries(vec![1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0])
                .build(),
            duration: meter
                .f64_histogram("purser.batch.duration")
                .with_unit("s")
                .with_description("time of one transaction, from taking a connection to the reply of COMMIT")
                .with_boundaries(vec![0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.5, 2.0])
                .build(),
            troubles: meter
                .u64_counter("purser.batch.troubles")
                .with_description("batches that were run again or taken apart, by what happened")
                .build(),
            defects: meter
                .u64_counter("purser.batch.defects")
                .with_description("commands that failed by a defect; alarm at one")
                .build(),
        }
    }

    fn batch(&self, commands: usize, took: std::time::Duration) {
        let kind = std::slice::from_ref(&self.kind);
        self.size.record(commands as u64, kind);
        self.duration.record(took.as_secs_f64(), kind);
    }

    pub fn trouble(&self, error: &DbError) {
        let what = KeyValue::new("trouble", format!("{:?}", error.trouble()));
        self.troubles.add(1, &[self.kind.clone(), what]);
    }

    pub fn defect(&self) {
        self.defects.add(1, std::slice::from_ref(&self.kind));
    }
}
