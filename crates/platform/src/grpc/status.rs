//! The one place where a refusal becomes a gRPC status.

use std::collections::HashMap;

use kernel::refusal::{LISTED_MAX, Refusal};
use prost::Message;
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Code, Status};
use tonic_types::pb;

mod code;
mod details;
mod refusal;

pub use code::code;
use details::cut;
pub use refusal::refusal;

/// The domain of every `ErrorInfo`.
pub const DOMAIN: &str = "purser.dev";

/// Response metadata that marks an answer given before to the same key.
pub const REPLAYED: &str = "idempotency-replayed";

/// Most bytes that message and details take on the wire. They travel in trailers, and several clients end the whole call
/// at 8 KiB of them.
pub const WIRE_BYTES_MAX: usize = 6 * 1024;

const MESSAGE_BYTES_MAX: usize = 400;

/// The status of a refusal, with its details. Lists are cut until message and details fit [`WIRE_BYTES_MAX`]; what was
/// cut is counted in `more`.
#[must_use]
pub fn status(refusal: Refusal) -> Status {
    let code = code(&refusal);
    let message = cut(&refusal.message, MESSAGE_BYTES_MAX);
    let mut metadata = MetadataMap::new();
    if refusal.replayed {
        metadata.insert(REPLAYED, MetadataValue::from_static("true"));
    }
    let mut listed = LISTED_MAX;
    loop {
        let details = encode(code, &message, &refusal, listed);
        if wire_bytes(&message, &details) <= WIRE_BYTES_MAX || listed == 0 {
            return Status::with_details_and_metadata(code, message, details.into(), metadata);
        }
        listed -= 1;
    }
}

/// Marks a response as one that the same key was given before.
pub fn replay_header<T>(response: &mut tonic::Response<T>) {
    response.metadata_mut().insert(REPLAYED, MetadataValue::from_static("true"));
}

/// What message and details take in the trailers: the message percent-encoded, the details in base 64.
fn wire_bytes(message: &str, details: &[u8]) -> usize {
    let plain = message.bytes().filter(|byte| (b' '..=b'~').contains(byte) && *byte != b'%').count();
    plain + 3 * (message.len() - plain) + details.len().div_ceil(3) * 4
}

fn encode(code: Code, message: &str, refusal: &Refusal, listed: usize) -> Vec<u8> {
    let mut any = vec![details::error_info(refusal, listed)];
    any.extend(details::bad_request(refusal, listed));
    any.extend(details::resource_info(refusal));
    any.extend(details::retry_info(refusal));
    any.extend(details::stock_shortage(refusal, listed));
    pb::Status { code: code.into(), message: message.to_owned(), details: any }.encode_to_vec()
}

/// The facts of an `ErrorInfo`, for callers that read a status and not a refusal (the server's own layers).
#[must_use]
pub fn facts(status: &Status) -> HashMap<String, String> {
    tonic_types::StatusExt::get_details_error_info(status).map(|info| info.metadata).unwrap_or_default()
}

#[cfg(test)]
mod tests;
