//! What several requests have in common.

use kernel::Refusal;
use platform::grpc::Fields;
use platform::grpc::layers::deadline;
use tonic::Request;

use crate::domain::reservation::Line;

/// Most lines of a command and most SKUs of a read.
pub const LINES_MAX: usize = 500;

/// A line of units; inside `lines[i]`.
pub fn line(fields: &mut Fields, sku_id: &str, location: &str, quantity: i64, quantity_max: i64) -> Line {
    Line {
        sku_id: fields.id("sku_id", sku_id),
        location: fields.location("location", location).into(),
        quantity: fields.quantity("quantity", quantity, 1..=quantity_max),
    }
}

/// Refuses a SKU and location that come twice. Ids that could not be read are named already and count as different.
pub fn distinct(fields: &mut Fields, lines: &[Line]) {
    let keys = lines.iter().enumerate().map(|(at, line)| {
        let unread = line.sku_id.uuid().is_nil().then_some(at);
        (line.sku_id, line.location.clone(), unread)
    });
    fields.distinct("lines", "sku_id", keys);
}

/// Who caused it, and until when the caller waits.
pub fn caller<T>(request: &Request<T>) -> Result<(String, platform::group_commit::Deadline), Refusal> {
    let actor = platform::grpc::actor(request.metadata())?;
    Ok((actor, deadline::current().map(|deadline| deadline.0)))
}

/// Cuts a page that was read with one row more than its size; the last row that stays leads to the next page, if there is
/// one.
pub fn cut<T>(rows: &mut Vec<T>, size: i64) -> Option<&T> {
    let size = usize::try_from(size).unwrap_or_default();
    let more = rows.len() > size;
    rows.truncate(size);
    if more { rows.last() } else { None }
}
