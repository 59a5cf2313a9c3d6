//! Reading payment intents: by id, and newest first in pages.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::json;

use crate::book::locked;
use crate::intent::Intent;
use crate::reply::Reply;
use crate::sim::Parts;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    limit: Option<usize>,
    starting_after: Option<String>,
}

pub(super) async fn retrieve(State(parts): State<Arc<Parts>>, Path(id): Path<String>) -> Reply {
    match locked(&parts.book).intent(&id) {
        Some(intent) => Reply::ok(intent.wire()),
        None => Reply::missing_resource(404, "intent", &format!("No such payment_intent: '{id}'")),
    }
}

pub(super) async fn list(
    State(parts): State<Arc<Parts>>,
    page: Result<Query<Page>, QueryRejection>,
) -> Reply {
    let page = match page {
        Ok(Query(page)) => page,
        Err(rejection) => return Reply::invalid(None, None, &rejection.body_text()),
    };
    let limit = page.limit.unwrap_or(10);
    if !(1..=100).contains(&limit) {
        let message = "The limit must be between 1 and 100.";
        return Reply::invalid(Some("parameter_invalid_integer"), Some("limit"), message);
    }
    let book = locked(&parts.book);
    let Some((intents, has_more)) = book.page(page.starting_after.as_deref(), limit) else {
        let message = format!("No such payment_intent: '{}'", page.starting_after.unwrap_or_default());
        return Reply::missing_resource(400, "starting_after", &message);
    };
    let data: Vec<_> = intents.into_iter().map(Intent::wire).collect();
    Reply::ok(json!({ "object": "list", "url": "/v1/payment_intents", "has_more": has_more, "data": data }))
}
