//! The details of a status, each as the `Any` that goes into `google.rpc.Status`.

use kernel::refusal::Refusal;
use prost::{Message, Name};
use prost_types::Any;
use tonic_types::pb;

use super::DOMAIN;

const FACTS_MAX: usize = 12;
const FACT_BYTES_MAX: usize = 160;
const FIELD_BYTES_MAX: usize = 120;
const DESCRIPTION_BYTES_MAX: usize = 200;

// `purser.common.v1.StockShortage` and its `ShortLine`, mirrored: this crate knows no generated code. A test of the
// contract's descriptors would be out of reach here; the contexts' tests read the real type back.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StockShortage {
    #[prost(message, repeated, tag = "1")]
    pub lines: Vec<ShortLine>,
    #[prost(int32, tag = "2")]
    pub more: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ShortLine {
    #[prost(string, tag = "1")]
    pub sku_id: String,
    #[prost(string, tag = "2")]
    pub sku_code: String,
    #[prost(string, tag = "3")]
    pub location: String,
    #[prost(int64, tag = "4")]
    pub wanted: i64,
    #[prost(int64, tag = "5")]
    pub available: i64,
}

impl Name for StockShortage {
    const NAME: &'static str = "StockShortage";
    const PACKAGE: &'static str = "purser.common.v1";
}

/// The reason and its facts; `more` counts the violations that are not listed.
pub(super) fn error_info(refusal: &Refusal, listed: usize) -> Any {
    let mut info = pb::ErrorInfo {
        reason: refusal.reason.as_str().to_owned(),
        domain: DOMAIN.to_owned(),
        ..pb::ErrorInfo::default()
    };
    for (name, value) in refusal.metadata.iter().take(FACTS_MAX) {
        info.metadata.insert(cut(name, 40), cut(value, FACT_BYTES_MAX));
    }
    if refusal.replayed {
        info.metadata.insert("replayed".to_owned(), "true".to_owned());
    }
    let unlisted = refusal.violations.len().saturating_sub(listed);
    if unlisted > 0 {
        let uncollected: usize = refusal.metadata.get("more").and_then(|more| more.parse().ok()).unwrap_or(0);
        info.metadata.insert("more".to_owned(), (unlisted + uncollected).to_string());
    }
    if refusal.reason == kernel::Reason::Internal
        && let Some(trace) = crate::telemetry::trace_id()
    {
        info.metadata.insert("trace_id".to_owned(), trace.to_string());
    }
    any("google.rpc.ErrorInfo", &info)
}

/// The bad fields, if there are any.
pub(super) fn bad_request(refusal: &Refusal, listed: usize) -> Option<Any> {
    let violation = |violation: &kernel::refusal::Violation| pb::bad_request::FieldViolation {
        field: cut(&violation.field, FIELD_BYTES_MAX),
        description: cut(&violation.description, DESCRIPTION_BYTES_MAX),
        ..pb::bad_request::FieldViolation::default()
    };
    let field_violations: Vec<_> = refusal.violations.iter().take(listed).map(violation).collect();
    (!field_violations.is_empty()).then(|| any("google.rpc.BadRequest", &pb::BadRequest { field_violations }))
}

/// The resource concerned, if one is named.
pub(super) fn resource_info(refusal: &Refusal) -> Option<Any> {
    refusal.resource.as_ref().map(|resource| {
        let info = pb::ResourceInfo {
            resource_type: cut(&resource.kind, 40),
            resource_name: cut(&resource.name, FACT_BYTES_MAX),
            ..pb::ResourceInfo::default()
        };
        any("google.rpc.ResourceInfo", &info)
    })
}

/// When a repetition makes sense, if it is known.
pub(super) fn retry_info(refusal: &Refusal) -> Option<Any> {
    refusal.retry_after_ms.map(|ms| {
        let retry_delay = prost_types::Duration::try_from(std::time::Duration::from_millis(ms)).ok();
        any("google.rpc.RetryInfo", &pb::RetryInfo { retry_delay })
    })
}

/// The short lines, if there are any.
pub(super) fn stock_shortage(refusal: &Refusal, listed: usize) -> Option<Any> {
    let line = |line: &kernel::refusal::ShortLine| ShortLine {
        sku_id: cut(&line.sku_id, 64),
        sku_code: cut(&line.sku_code, FIELD_BYTES_MAX),
        location: cut(&line.location, 64),
        wanted: line.wanted,
        available: line.available,
    };
    let lines: Vec<_> = refusal.shortage.iter().take(listed).map(line).collect();
    let more = i32::try_from(refusal.shortage.len() - lines.len()).unwrap_or(i32::MAX);
    (!refusal.shortage.is_empty()).then(|| any(&StockShortage::full_name(), &StockShortage { lines, more }))
}

fn any(name: &str, message: &impl Message) -> Any {
    Any { type_url: format!("type.googleapis.com/{name}"), value: message.encode_to_vec() }
}

/// The first bytes of a text, at most `bytes`, ended by an ellipsis when something is missing.
pub(super) fn cut(text: &str, bytes: usize) -> String {
    if text.len() <= bytes {
        return text.to_owned();
    }
    format!("{}...", &text[..text.floor_char_boundary(bytes - 3)])
}
