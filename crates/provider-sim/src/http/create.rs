//! `POST /v1/payment_intents`, top to bottom: the key, the parameters, the execution, the reply.

use std::sync::Arc;

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{ConnectInfo, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use kernel::Fingerprint;

use super::params::{self, Params};
use crate::book::{Claim, locked};
use crate::fault::Fault;
use crate::intent::{Intent, NewIntent};
use crate::journal::NotWritten;
use crate::link::{Cut, Link};
use crate::record::{KeyMark, Record};
use crate::reply::Reply;
use crate::sim::Parts;

const KEY_MAX: usize = 255;

pub(super) async fn create(
    State(parts): State<Arc<Parts>>,
    ConnectInfo(link): ConnectInfo<Link>,
    headers: HeaderMap,
    form: Result<Form<Params>, FormRejection>,
) -> Response {
    let params = match form {
        Ok(Form(params)) => params,
        Err(rejection) => return Reply::invalid(None, None, &rejection.body_text()).into_response(),
    };
    let held = match take_key(&parts, &headers, params::fingerprint(&params)) {
        Ok(held) => held,
        Err(reply) => return reply.into_response(),
    };
    let request = match params::parse(&params) {
        Ok(request) => request,
        Err(reply) => return reply.into_response(),
    };
    // A caller that hangs up drops this future; what has begun to execute must end.
    match tokio::spawn(execute(parts, held, request)).await {
        Ok(Ok(reply)) => reply.into_response(),
        Ok(Err(how)) => {
            link.cut(how);
            Reply::internal().into_response()
        }
        Err(_) => Reply::internal().into_response(),
    }
}

/// A key that this request holds until it ends, or no key.
struct HeldKey {
    parts: Arc<Parts>,
    mark: Option<(String, Fingerprint)>,
}

impl HeldKey {
    fn mark(&self) -> Option<KeyMark> {
        let (key, fingerprint) = self.mark.clone()?;
        Some(KeyMark { key, fingerprint })
    }
}

impl Drop for HeldKey {
    fn drop(&mut self) {
        if let Some((key, _)) = &self.mark {
            locked(&self.parts.book).finish(key);
        }
    }
}

/// Takes the request's key, or answers with what the key says: a replay, or why it cannot be used.
fn take_key(parts: &Arc<Parts>, headers: &HeaderMap, fingerprint: Fingerprint) -> Result<HeldKey, Reply> {
    let Some(header) = headers.get("idempotency-key") else {
        return Ok(HeldKey { parts: Arc::clone(parts), mark: None });
    };
    let key = header.to_str().ok().filter(|key| (1..=KEY_MAX).contains(&key.len()));
    let Some(key) = key else {
        let message = "An idempotency key has 1 to 255 printable characters.";
        return Err(Reply::invalid(None, None, message));
    };
    match locked(&parts.book).claim(key, fingerprint, parts.clock.now()) {
        Claim::Fresh => Ok(HeldKey { parts: Arc::clone(parts), mark: Some((key.to_owned(), fingerprint)) }),
        Claim::Replay(reply) => Err(reply.replayed()),
        Claim::OtherParameters => Err(Reply::other_parameters(key)),
        Claim::Running => Err(Reply::key_in_use(key)),
    }
}

async fn execute(parts: Arc<Parts>, held: HeldKey, request: NewIntent) -> Result<Reply, Cut> {
    let fault = parts.faults.take();
    match fault {
        Some(Fault::ConnectionReset) => return Err(Cut::Reset),
        Some(Fault::Status429) => return Ok(Reply::rate_limited()),
        _ => {}
    }
    let now = parts.clock.now();
    let moves = !matches!(fault, Some(Fault::Status500BeforeCommit));
    let record = Record {
        at: now,
        key: held.mark(),
        intent: moves.then(|| Intent::execute(request, now)),
        internal_error: matches!(fault, Some(Fault::Status500BeforeCommit | Fault::Status500AfterCommit)),
    };
    let reply = record.reply();
    if let Err(NotWritten) = parts.journal.append(record).await {
        return Ok(Reply::internal());
    }
    match fault {
        Some(Fault::DropReplyAfterCommit) => Err(Cut::Close),
        Some(Fault::DelayReply(delay)) => {
            delay.pass().await;
            Ok(reply)
        }
        _ => Ok(reply),
    }
}
