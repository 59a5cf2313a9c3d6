//! What a refusal says.

use contract::purser::common::v1::StockShortage;
use prost::Message;
use tonic::Status;
use tonic_types::StatusExt;

/// The machine-readable reason.
pub fn reason(status: &Status) -> String {
    let info = status.get_details_error_info();
    info.unwrap_or_else(|| panic!("every refusal carries ErrorInfo: {status:?}")).reason
}

/// The bad fields, sorted.
pub fn bad_fields(status: &Status) -> Vec<String> {
    let violations = status.get_details_bad_request().map(|request| request.field_violations);
    let mut fields: Vec<String> = violations.into_iter().flatten().map(|bad| bad.field).collect();
    fields.sort();
    fields
}

/// The typed detail of a refusal for want of stock.
pub fn shortage(status: &Status) -> StockShortage {
    let details = tonic_types::pb::Status::decode(status.details()).unwrap().details;
    let typed =
        details.iter().find(|any| any.type_url == "type.googleapis.com/purser.common.v1.StockShortage");
    StockShortage::decode(&*typed.unwrap_or_else(|| panic!("no shortage in {status:?}")).value).unwrap()
}
