//! The line that a call leaves in the log. What goes well, and what callers do wrong, is for who asks for it
//! (`--log info,access=debug`); what is wrong with us is said without being asked, but not a thousand times a second.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tonic::{Code, Status};

const LINES_PER_SECOND_MAX: u64 = 50;

/// The name of a code, as the conventions of telemetry write it.
pub const fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

/// True for codes that mean that the service did not do its part (the server errors of the telemetry conventions).
pub const fn is_our_fault(code: Code) -> bool {
    matches!(
        code,
        Code::Unknown
            | Code::DeadlineExceeded
            | Code::Unimplemented
            | Code::Internal
            | Code::Unavailable
            | Code::DataLoss
    )
}

/// Writes the line.
pub fn line(method: &str, status: &Status, elapsed: Duration) {
    let (code, ms) = (code_name(status.code()), u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX));
    match status.code() {
        Code::Internal | Code::Unknown | Code::DataLoss => {
            tracing::error!(target: "access", method, code, ms, message = status.message());
        }
        Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted if may_write() => {
            tracing::warn!(target: "access", method, code, ms, message = status.message());
        }
        Code::Ok => tracing::debug!(target: "access", method, code, ms),
        _ => tracing::debug!(target: "access", method, code, ms, message = status.message()),
    }
}

/// True for the first lines of each second: an overload must not be made worse by talking about it.
fn may_write() -> bool {
    static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);
    static SECOND_AND_COUNT: AtomicU64 = AtomicU64::new(0);
    let second = STARTED.elapsed().as_secs() + 1;
    let (first, now) = (second << 16, SECOND_AND_COUNT.load(Ordering::Relaxed));
    let next = if now < first { first } else { now + 1 };
    SECOND_AND_COUNT.store(next, Ordering::Relaxed);
    next - first < LINES_PER_SECOND_MAX
}
