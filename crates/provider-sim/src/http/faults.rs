//! Faults over HTTP, for tests whose simulator runs in another process.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use crate::fault::{Delay, Fault, Gate};
use crate::sim::Parts;

/// `{"fault": "delay_reply", "ms": 250}`; a delay without `ms` lasts until `POST /_sim/release`.
#[derive(Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum FaultOrder {
    DropReplyAfterCommit,
    DelayReply {
        ms: Option<u64>,
    },
    #[serde(rename = "status_500_before_commit")]
    Status500BeforeCommit,
    #[serde(rename = "status_500_after_commit")]
    Status500AfterCommit,
    #[serde(rename = "status_429")]
    Status429,
    ConnectionReset,
}

impl From<FaultOrder> for Fault {
    fn from(order: FaultOrder) -> Self {
        match order {
            FaultOrder::DropReplyAfterCommit => Self::DropReplyAfterCommit,
            FaultOrder::DelayReply { ms: Some(ms) } => {
                Self::DelayReply(Delay::For(Duration::from_millis(ms)))
            }
            FaultOrder::DelayReply { ms: None } => Self::DelayReply(Delay::UntilReleased(Gate::default())),
            FaultOrder::Status500BeforeCommit => Self::Status500BeforeCommit,
            FaultOrder::Status500AfterCommit => Self::Status500AfterCommit,
            FaultOrder::Status429 => Self::Status429,
            FaultOrder::ConnectionReset => Self::ConnectionReset,
        }
    }
}

pub(super) async fn push(State(parts): State<Arc<Parts>>, Json(order): Json<FaultOrder>) -> StatusCode {
    parts.faults.push(order.into());
    StatusCode::NO_CONTENT
}

pub(super) async fn release(State(parts): State<Arc<Parts>>) -> StatusCode {
    parts.faults.release_held();
    StatusCode::NO_CONTENT
}
